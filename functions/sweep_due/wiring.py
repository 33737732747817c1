"""What sweep_due is made of."""

import os
from functools import cache

from couponbus.aws.clients import Clients
from couponbus.aws.event_bus import EventBridgeBus
from couponbus.aws.ids import RandomIds
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.queues import SqsCommands, SqsDeliveries
from couponbus.ports.shared import Clock
from couponbus.runtime.clock import clock_in, clock_of
from couponbus.runtime.coniq_pace import coniq_budget
from couponbus.runtime.durations import timing
from couponbus.runtime.settings import Accounts, FunctionSettings
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.outbox.sweep_due import SweepDue


class Settings(FunctionSettings):
    """The environment of sweep_due."""

    bus_name: str
    signups_queue_url: str
    polls_queue_url: str
    redeliveries_queue_url: str
    handover_seconds: float
    coniq_accounts: Accounts


def current_clock() -> Clock:
    """Return the time that this function goes by. Raises ConfigurationInvalid."""
    return clock_in(os.environ)


@cache
def service() -> SweepDue:
    """Put the function together, once for each environment."""
    settings = Settings.read(os.environ)
    clients, clock = Clients(), clock_of(settings)
    accounts = {account.name: account for account in settings.coniq_accounts}
    base = Foundation(
        ledger=DynamoLedger(client=clients.dynamodb, table=settings.table_name, clock=clock),
        clock=clock,
        ids=RandomIds(),
        timing=timing(handover=settings.handover_seconds),
    )
    return outbox_assembly.sweep_due(
        base,
        bus=EventBridgeBus(client=clients.events, bus=settings.bus_name),
        commands=SqsCommands(client=clients.sqs, url=settings.signups_queue_url, clock=clock),
        polls=SqsCommands(client=clients.sqs, url=settings.polls_queue_url, clock=clock),
        redeliveries=SqsDeliveries(
            client=clients.sqs, url=settings.redeliveries_queue_url, clock=clock
        ),
        limiter=coniq_budget(
            accounts=accounts, clients=clients, table=settings.table_name, clock=clock
        ),
        accounts=accounts,
    )
