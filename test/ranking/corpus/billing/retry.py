"""When and how often a failed payment is tried again."""

import random
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with jitter."""

    max_attempts: int = 5
    first_delay: float = 60.0
    factor: float = 3.0

    def delay(self, attempt):
        """Seconds to wait before the given attempt."""
        return self.first_delay * self.factor ** (attempt - 1) * random.uniform(0.8, 1.2)

    def run(self, action, sleep=time.sleep):
        """Call `action` until it succeeds or the attempts are used up."""
        for attempt in range(1, self.max_attempts + 1):
            try:
                return action()
            except Exception as error:
                if not getattr(error, "retryable", True) or attempt == self.max_attempts:
                    raise
                sleep(self.delay(attempt))
