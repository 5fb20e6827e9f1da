"""Charges cards, retries what failed, and writes invoices."""

from .charge import PaymentError, charge_card
from .invoice import Invoice
from .retry import RetryPolicy

__all__ = ["Invoice", "PaymentError", "RetryPolicy", "charge_card"]
