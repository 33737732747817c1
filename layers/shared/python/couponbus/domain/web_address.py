"""The addresses in a provider's answer that may be passed on to people's browsers."""

import re

MOST_BYTES = 2048
_SECURE = re.compile(r"https://[!-~]+")
_WEB = re.compile(r"https?://[!-~]+")


def secure_address(text: str | None) -> str | None:
    """Return the text if it is an https address: what it shows is worth money on the way."""
    return _bounded(text, _SECURE)


def web_address(text: str | None) -> str | None:
    """Return the text if it is an http or https address: no other scheme is run by a reader."""
    return _bounded(text, _WEB)


def _bounded(text: str | None, form: re.Pattern[str]) -> str | None:
    if text is None or len(text.encode()) > MOST_BYTES or not form.fullmatch(text):
        return None
    return text
