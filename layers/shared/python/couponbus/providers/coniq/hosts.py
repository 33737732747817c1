"""Which hosts of Coniq a stage may speak to: the same key opens test and production."""

import ipaddress
from urllib.parse import urlsplit

from couponbus.domain.errors import ConfigurationInvalid

PRODUCTION_STAGE = "prod"
PROVIDER_DOMAINS = ("coniq.com", "get2d.com")
TEST_HOSTS = frozenset(
    {
        "api-stage.coniq.com",
        "platform-stage.coniq.com",
        "poweredby-stage.coniq.com",
        "api-pre.get2d.com",
    }
)


def checked_base_url(base_url: str, *, stage: str) -> str:
    """Return the address without a trailing slash, if this stage may use it.

    Coniq's test system is the one in TEST_HOSTS; whatever else is in its domains is taken for
    production, so that a host added later is not mistaken for a test system. Production is
    for the stage "prod", which in turn refuses the test system: barcodes issued there vanish
    at its next refresh. Other domains (a simulator, a gateway of one's own) are not judged.
    Raises ConfigurationInvalid.
    """
    host = _host_of(base_url)
    if _is_production(host) and stage != PRODUCTION_STAGE:
        raise ConfigurationInvalid(
            f"base_url: {host} is Coniq's production, and the stage is {stage!r}; use "
            "https://api-stage.coniq.com or deploy as stage 'prod'"
        )
    if host in TEST_HOSTS and stage == PRODUCTION_STAGE:
        raise ConfigurationInvalid(
            f"base_url: {host} is Coniq's test system, where barcodes vanish; the stage 'prod' "
            "needs https://api.coniq.com (or https://api.r02.coniq.com in the US)"
        )
    return base_url.strip().rstrip("/")


def _host_of(base_url: str) -> str:
    try:
        parts = urlsplit(base_url.strip())
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise _invalid("is not a URL") from None
    if parts.scheme not in ("http", "https") or not host or not _is_ascii_name(host):
        raise _invalid("is not a URL such as https://api-stage.coniq.com")
    if parts.username is not None or parts.password is not None:
        raise _invalid("must not contain a user or a password; the key belongs in a secret")
    if parts.query or parts.fragment:
        raise _invalid("must end with the path")
    if parts.scheme == "http" and not _is_loopback(host):
        raise _invalid("must start with https://, only a server on this machine may do without")
    return host


def _is_ascii_name(host: str) -> bool:
    return host.isascii() and all(0 < len(label) <= 63 for label in host.split("."))  # noqa: PLR2004


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_production(host: str) -> bool:
    ours = any(host == domain or host.endswith(f".{domain}") for domain in PROVIDER_DOMAINS)
    return ours and host not in TEST_HOSTS


def _invalid(what: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(f"base_url: it {what}")
