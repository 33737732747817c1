"""The subscribers to a stage's alarms, confirmed by themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aws_cdk import aws_sns as sns

from couponbus_config.alarm_addresses import protocol_of

PROTOCOLS = {"email": sns.SubscriptionProtocol.EMAIL, "https": sns.SubscriptionProtocol.HTTPS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """An address, and how SNS reaches it."""

    address: str
    protocol: sns.SubscriptionProtocol


def subscribers(addresses: Iterable[str]) -> Iterator[Subscriber]:
    """Yield each once, as it is subscribed; raise ConfigurationError for what SNS cannot reach."""
    for address in dict.fromkeys(addresses):
        yield Subscriber(address=address, protocol=PROTOCOLS[protocol_of(address)])
