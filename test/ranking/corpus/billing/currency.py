"""Money as whole cents."""

SYMBOLS = {"EUR": "€", "CHF": "Fr.", "USD": "$"}


def format_cents(cents, currency="EUR"):
    """1234 -> '12.34 €'."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d} {SYMBOLS[currency]}"


def convert(cents, rate):
    """Exchange into another currency, rounded to a whole cent."""
    return round(cents * rate)
