"""Invoices: numbered, immutable, with tax."""

from dataclasses import dataclass, field

from .currency import format_cents

VAT_PERCENT = 19


@dataclass
class Invoice:
    number: str
    customer: str
    lines: list = field(default_factory=list)

    def net(self):
        return sum(cents for _, cents in self.lines)

    def tax(self):
        """Value added tax, rounded half up."""
        return (self.net() * VAT_PERCENT + 50) // 100

    def render(self):
        """Plain text of the invoice, as it is mailed."""
        rows = [f"{name:<40}{format_cents(cents):>12}" for name, cents in self.lines]
        rows.append(f"{'VAT':<40}{format_cents(self.tax()):>12}")
        return "\n".join([f"Invoice {self.number}", *rows])


def next_number(last):
    """The number after `last`: 2024-0009 -> 2024-0010."""
    year, count = last.split("-")
    return f"{year}-{int(count) + 1:04d}"
