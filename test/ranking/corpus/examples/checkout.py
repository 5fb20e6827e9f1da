"""Buys one mug: a cart, a charge and an invoice, without the storefront."""

from billing import Invoice, PaymentError, RetryPolicy, charge_card

GATEWAY = "https://cards.example/v2"


def checkout(token, cents):
    try:
        charge = charge_card(GATEWAY, token, cents, RetryPolicy(max_attempts=2))
    except PaymentError as error:
        print("sorry:", error)
        return None
    invoice = Invoice("2024-0001", "Ada", [("mug", cents)])
    print(invoice.render())
    return charge


if __name__ == "__main__":
    checkout("tok_test", 1190)
