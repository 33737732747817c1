"""Prevents a deployment for AWS from going to an engine on this machine."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.names import LOCAL

ENDPOINTS = "AWS_ENDPOINT_URL"


def refuse_loopback(stage: str, *, environment: Mapping[str, str]) -> None:
    """Raise ConfigurationError when a template for AWS would be deployed to loopback.

    Synthesis sends no request, but the CDK CLI, which is called next, obeys the variable.
    """
    if stage == LOCAL:
        return
    for name, url in environment.items():
        if name.startswith(ENDPOINTS) and _is_loopback(url):
            raise ConfigurationError(
                f"{name} is {url}, this machine, and the stage {stage} is for AWS: unset {name}"
            )


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
