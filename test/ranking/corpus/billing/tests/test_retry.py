import pytest

from billing.retry import RetryPolicy


def test_retry_policy_gives_up_after_max_attempts():
    calls = []

    def failing_payment():
        calls.append(1)
        raise RuntimeError("down")

    with pytest.raises(RuntimeError):
        RetryPolicy(max_attempts=3).run(failing_payment, sleep=lambda seconds: None)
    assert len(calls) == 3


def test_retry_policy_delay_grows():
    policy = RetryPolicy(first_delay=1)
    assert policy.delay(3) > policy.delay(1)
