"""Which hosts a probe may call, and on which of them it may issue barcodes."""

import requests

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.providers.coniq.hosts import TEST_HOSTS
from couponbus.providers.http.base_url import host_of, is_loopback
from couponbus_cli.app.failing import Failed

USAGE = 2
FASTEST = 3.0


def misused(text: str) -> Failed:
    """Return the failure of a command with options that cannot be used."""
    return Failed(text, kind="usage", code=USAGE)


def checked_url(base_url: str, *, example: str) -> str:
    """Return the URL as it will be sent, without a trailing slash. Raises Failed."""
    try:
        host_of(base_url, example=example)
        sent = requests.Request("GET", base_url.strip()).prepare().url or ""
    except ConfigurationInvalid as wrong:
        raise misused(str(wrong)) from None
    except requests.RequestException:
        raise misused(f"base_url: it is not a URL such as {example}") from None
    return sent.rstrip("/")


def check_pace(base_url: str, *, calls_per_second: float) -> None:
    """Raise Failed for a pace that is too fast for a provider."""
    if calls_per_second > FASTEST and not is_loopback(_host(base_url)):
        raise misused(f"--pace: at most {FASTEST:g} calls a second to a provider")


def check_may_write(base_url: str) -> None:
    """Raise Failed unless it is Coniq's test system or a server on this machine.

    The same key works in production, and a gateway may lead there: unknown hosts are refused.
    """
    host = _host(base_url)
    if host not in TEST_HOSTS and not is_loopback(host):
        raise misused(
            "--write issues barcodes: only at https://api-stage.coniq.com, or at a simulator on"
            " this machine"
        )


def _host(base_url: str) -> str:
    return host_of(base_url, example=base_url)
