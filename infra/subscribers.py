"""The subscribers to a stage's alarms: checked at the synthesis, confirmed by themselves."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from aws_cdk import aws_sns as sns

from infra.config import LOCAL, StageConfig
from infra.configuration_error import ConfigurationError

E_MAIL = re.compile(r"[^@\s,<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """An address, and how SNS reaches it."""

    address: str
    protocol: sns.SubscriptionProtocol


def check_subscribers(stage: StageConfig) -> None:
    """Raise ConfigurationError for a stage on AWS whose alarms would reach no operator."""
    found = list(subscribers(stage.alarm_to))
    if not found and stage.name != LOCAL.name:
        raise ConfigurationError(
            f"the alarms of stage {stage.name} have no subscriber: name an e-mail address or an"
            " https URL in its alarm_to in infra/config.py, or in the context:"
            f""" CDK_CONTEXT_JSON='{{"stage": "{stage.name}", "alarm_to": "ops@example.com"}}'"""
        )


def subscribers(addresses: Iterable[str]) -> Iterator[Subscriber]:
    """Yield each once, as it is subscribed; raise ConfigurationError for what SNS cannot reach."""
    for address in dict.fromkeys(addresses):
        yield Subscriber(address=address, protocol=_protocol(address))


def _protocol(address: str) -> sns.SubscriptionProtocol:
    if _is_https(address):
        return sns.SubscriptionProtocol.HTTPS
    if E_MAIL.fullmatch(address):
        return sns.SubscriptionProtocol.EMAIL
    raise ConfigurationError(
        f"alarm_to has {address!r}: use an e-mail address or an https URL with a host name"
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
