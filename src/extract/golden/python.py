"""Numbers, text and a small asynchronous client."""

from __future__ import annotations

import asyncio
import os, sys
import numpy as np
import os.path
from dataclasses import dataclass, field
from typing import List, Dict
from . import settings
from .errors import (
    DivisionError as DivError,
    RetryError,
)
from math import *

__all__ = ["MathUtils", "fibonacci", 'fetch_data']
__all__ += ["safe_divide"]

MAX_RETRIES: int = 3
_cache, _hits = {}, 0
Vector = List[float]
type Pair[T] = tuple[T, T]

if sys.platform == "win32":
    SEPARATOR = "\\"
else:
    SEPARATOR = "/"


def hello_world():
    """Print a greeting."""
    print("Hello, World!")


def add_numbers(a: int, b: int = 0) -> int:
    r'''Return the sum of two numbers.

        The second one may be left out.
    '''
    return a + b


def fibonacci(n: int) -> int:
    # Not a docstring.
    if n <= 1:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def safe_divide(a, b, *, default=None, on_error: "Callable[[str, int], None] | None" = None):
    """Divide, or answer `default`."""
    try:
        return a / b
    except ZeroDivisionError:
        return default
    except (TypeError, ValueError) as error:
        raise DivError(str(error)) from error
    finally:
        log("divided")


def multiply(*args: float, **kwargs: Dict[str, int]) -> float: return float(np.prod(args))


async def fetch_data(url: str, retries: int = MAX_RETRIES, /, headers: dict = {"a": 1, "b": [2, 3]}) -> bytes:
    """Fetch `url`, trying again on failure."""
    for attempt in range(retries):
        async with session.get(url, headers=headers) as response:
            if response.ok and not response.empty or attempt > 1:
                return await response.read()
        await asyncio.sleep(0.1 if attempt == 0 else 1)
    raise RetryError(url)


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        def inner(): return function(*args, **kwargs)

        while not settings.ready:
            wait()
        return inner()

    square = lambda x: x * x
    return wrapper


@dataclass(frozen=True)
class Point(Base, metaclass=Registry):
    """A point on a plane."""

    x: float
    y: float = 0.0
    tags: list[str] = field(default_factory=list)
    ORIGIN = None

    class Meta:
        ordering = ("x", "y")

        def describe(self): ...


class MathUtils(utils.Numeric[int], Protocol):
    PI = 3.14159

    def __init__(self, precision: int = 2) -> None:
        self.precision = precision
        super().__init__()

    @property
    @traced
    def digits(self) -> int:
        return self.precision

    @staticmethod
    def calculate_sum(values: Vector) -> float:
        return sum(v for v in values if v)

    @classmethod
    async def calculate_product(
        cls,
        values: Vector,  # the factors, in order
        *,
        start: float = 1.0,
    ) -> float:
        match values:
            case []:
                return start
            case [only]:
                return only
        with np.errstate(all="ignore"):
            return np.prod(values) * start


def main(): MathUtils().calculate_sum([1, 2]); fibonacci(10)


if __name__ == "__main__":
    main()
