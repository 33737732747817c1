"""Who may sign customers up, over HTTP and on the bus."""

from dataclasses import dataclass

from couponbus_config.account_ids import NamedAccount
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.validated import Positive, validated


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTenants:
    """The tenants that sign-ups of an event source may name; `webhook` is HTTP, `sqs` the queue."""

    source: str
    tenants: tuple[str, ...]


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class BusProducer:
    """A principal, the ARN of a role or an account's id, and how its event sources begin."""

    principal: str
    source_prefixes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raise ConfigurationError for a producer without a source, or with one of ours."""
        if not self.source_prefixes or not all(self.source_prefixes):
            raise ConfigurationError(f"bus producer {self.principal} has no source prefix")
        for prefix in self.source_prefixes:
            if "*" in prefix or "?" in prefix or prefix.startswith("couponbus."):
                raise ConfigurationError(
                    f"bus producer {self.principal} cannot have the source prefix {prefix!r}"
                )


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class Producer(NamedAccount):
    """A sender of sign-ups over HTTP, with its path `/sign-ups/<id>`, its secret and its limit."""

    tenants: tuple[str, ...] = ()
    """The tenants that it may name, any when there is none."""
    rate: Positive = 50
    burst: Positive = 100
