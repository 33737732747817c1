"""Masking of barcode numbers: a reader of the whole number could redeem it."""

VISIBLE_DIGITS = 4


def masked(number: str) -> str:
    """Keep the last four digits of a number that is worth money; hide a shorter one whole."""
    if len(number) <= 2 * VISIBLE_DIGITS:
        return "*" * len(number)
    return "*" * (len(number) - VISIBLE_DIGITS) + number[-VISIBLE_DIGITS:]
