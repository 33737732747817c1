"""The addresses to which alarms are sent."""

import re
from typing import Literal
from urllib.parse import urlsplit

from couponbus_config.configuration_error import ConfigurationError, Path

E_MAIL = re.compile(r"[^@\s,<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def protocol_of(address: str, *, at: Path = ()) -> Literal["email", "https"]:
    """Return how SNS reaches it. Raises ConfigurationError for what SNS cannot reach."""
    if _is_https(address):
        return "https"
    if E_MAIL.fullmatch(address):
        return "email"
    raise ConfigurationError(
        f"alarm_to has {address!r}: use an e-mail address or an https URL with a host name", at=at
    )


def _is_https(address: str) -> bool:
    try:
        url = urlsplit(address)
        return (
            url.scheme == "https"
            and "." in (url.hostname or "")
            and url.username is None
            and not re.search(r"\s", address)
        )
    except ValueError:
        return False
