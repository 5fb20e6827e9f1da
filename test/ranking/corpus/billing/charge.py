"""Talks to the card network."""

import json
import urllib.request

from .retry import RetryPolicy


class PaymentError(Exception):
    """The card network refused or did not answer."""

    def __init__(self, reason, retryable):
        super().__init__(f"payment failed: {reason}")
        self.retryable = retryable


def charge_card(gateway, token, cents, policy=None):
    """Take money from a card, trying again as the policy allows."""
    policy = policy or RetryPolicy()
    return policy.run(lambda: _post(gateway + "/charges", {"token": token, "cents": cents}))


def refund(gateway, charge_id, cents):
    """Give money of an earlier charge back to the customer."""
    return _post(f"{gateway}/charges/{charge_id}/refunds", {"cents": cents})


def _post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=8) as response:
        answer = json.load(response)
    if answer["status"] == "declined":
        raise PaymentError(answer["reason"], retryable=False)
    return answer["id"]
