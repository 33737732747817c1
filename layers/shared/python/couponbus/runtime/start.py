"""What every function starts with: its settings, the clients, its clock and the ledger."""

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from couponbus.aws.clients import Clients
from couponbus.aws.clock import RandomIds
from couponbus.aws.early_connections import EarlyClients
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.durations import timing
from couponbus.ports.shared import Clock
from couponbus.runtime.clock import LOCAL, clock_of
from couponbus.runtime.initialisation import is_lambda
from couponbus.runtime.settings import FunctionSettings, IssuanceSettings
from couponbus.usecases.foundation import Foundation

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class QueueAdapter[Q](Protocol):
    """The constructor of every queue adapter."""

    def __call__(self, *, client: "SQSClient", url: str, clock: Clock) -> Q:
        """Return the queue at this address."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime[S: FunctionSettings]:
    """The parts of every function; none of them calls AWS before it is used."""

    settings: S
    clients: Clients
    clock: Clock

    @property
    def table(self) -> str:
        """Return the name of the ledger's table."""
        return self.settings.table_name

    @property
    def base(self) -> Foundation:
        """Return the foundation, with the durations that the settings of the function have."""
        seconds = {
            name.removesuffix("_seconds"): value
            for name, value in self.settings
            if name.endswith("_seconds")
        }
        return Foundation(
            ledger=DynamoLedger(
                client=self.clients.dynamodb,
                table=self.table,
                clock=self.clock,
                decided_kept=_decided_kept(self.settings),
            ),
            clock=self.clock,
            ids=RandomIds(),
            timing=timing(**seconds),
        )

    def queue[Q](self, adapter: QueueAdapter[Q], url: str) -> Q:
        """Return the queue at this address."""
        return adapter(client=self.clients.sqs, url=url, clock=self.clock)


def start[S: FunctionSettings](settings: type[S]) -> Runtime[S]:
    """Read the settings from the environment. Raises ConfigurationInvalid."""
    read = settings.read(os.environ)
    return Runtime(settings=read, clients=_clients(read.stage), clock=clock_of(read))


def _decided_kept(settings: FunctionSettings) -> timedelta | None:
    days = settings.issuance_days if isinstance(settings, IssuanceSettings) else None
    return None if days is None else timedelta(days=days)


def _clients(stage: str) -> Clients:
    """Return clients that connect at once, where Lambda starts a function of a deployed stage."""
    return EarlyClients() if is_lambda() and stage != LOCAL else Clients()
