"""Checks of a provider's base URL that need no network."""

import ipaddress
from urllib.parse import urlsplit

from couponbus.domain.errors import ConfigurationInvalid


def host_of(base_url: str, *, example: str) -> str:
    """Return the host of a URL that keeps keys safe: https, unless it is on this machine.

    `example` is part of the error message. Raises ConfigurationInvalid.
    """
    try:
        parts = urlsplit(base_url.strip())
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise _invalid("is not a URL") from None
    if parts.scheme not in ("http", "https") or not host or not _is_ascii_name(host):
        raise _invalid(f"is not a URL such as {example}")
    if parts.username is not None or parts.password is not None:
        raise _invalid("must not contain a user or a password; the key belongs in a secret")
    if parts.query or parts.fragment:
        raise _invalid("must end with the path")
    if parts.scheme == "http" and not is_loopback(host):
        raise _invalid("must start with https://, only a server on this machine may do without")
    return host


def _is_ascii_name(host: str) -> bool:
    return host.isascii() and all(0 < len(label) <= 63 for label in host.split("."))  # noqa: PLR2004


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: localhost or a loopback address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _invalid(what: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(f"base_url: it {what}")
