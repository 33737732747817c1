"""What publish_events is made of."""

import os
from functools import cache

from couponbus.aws.clients import Clients
from couponbus.aws.event_bus import EventBridgeBus
from couponbus.aws.ids import RandomIds
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.runtime.clock import clock_of
from couponbus.runtime.durations import timing
from couponbus.runtime.settings import FunctionSettings
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.outbox.publish_events import PublishEvents


class Settings(FunctionSettings):
    """The environment of publish_events."""

    bus_name: str


@cache
def service() -> PublishEvents:
    """Put the function together, once for each environment."""
    settings = Settings.read(os.environ)
    clients, clock = Clients(), clock_of(settings)
    base = Foundation(
        ledger=DynamoLedger(client=clients.dynamodb, table=settings.table_name, clock=clock),
        clock=clock,
        ids=RandomIds(),
        timing=timing(),
    )
    return outbox_assembly.publish_events(
        base, bus=EventBridgeBus(client=clients.events, bus=settings.bus_name)
    )
