"""A provider's own words, as far as they go into events: anything may stand in a field."""

import re

# A time in whatever form: digits, signs, the letters of `T`, `Z`, `AM` and `PM`. Nine digits in
# a row are no part of any time, but of a number that is somebody's.
_TIME = re.compile(r"(?!.*[0-9]{9})[0-9TZAPMtzapm:+,./ -]{1,64}")
_CURRENCY = re.compile(r"[A-Za-z]{3}|[$£€¥]")


def time_told(words: str) -> str | None:
    """Return the words if they can be those of a time."""
    return words if _TIME.fullmatch(words) else None


def currency_told(word: str | None) -> str | None:
    """Return the word if it can name a currency."""
    return word if word is not None and _CURRENCY.fullmatch(word) else None
