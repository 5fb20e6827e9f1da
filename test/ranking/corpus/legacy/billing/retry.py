"""Old retry loop, kept for shops that still run Lantern 1."""

import time


class RetryPolicy:
    """Tries a failed payment again after a fixed delay."""

    def __init__(self, attempts=3, delay=300):
        self.attempts = attempts
        self.delay = delay

    def run(self, payment):
        for _ in range(self.attempts):
            try:
                return payment()
            except IOError:
                time.sleep(self.delay)
        raise IOError("payment failed")
