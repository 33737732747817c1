"""The addresses to which alarms are sent."""

import re
from typing import Literal

from couponbus_config.configuration_error import ConfigurationError, Path
from couponbus_config.https import is_https

E_MAIL = re.compile(r"[^@\s,<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def protocol_of(address: str, *, at: Path = ()) -> Literal["email", "https"]:
    """Return how SNS reaches it. Raises ConfigurationError for what SNS cannot reach."""
    if is_https(address):
        return "https"
    if E_MAIL.fullmatch(address):
        return "email"
    raise ConfigurationError(
        f"alarm_to has {address!r}: use an e-mail address or an https URL with a host name", at=at
    )
