from billing.invoice import Invoice, next_number


def test_invoice_tax_is_rounded_half_up():
    invoice = Invoice("2024-0001", "Ada", [("mug", 950)])
    assert invoice.tax() == 181


def test_next_invoice_number():
    assert next_number("2024-0009") == "2024-0010"
