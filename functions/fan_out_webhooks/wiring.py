"""What fan_out_webhooks is made of."""

import os
from functools import cache

from couponbus.aws.clients import Clients
from couponbus.aws.ids import RandomIds
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.queues import SqsDeliveries, SqsQuarantine
from couponbus.ports.shared import Clock
from couponbus.runtime.clock import clock_in, clock_of
from couponbus.runtime.durations import timing
from couponbus.runtime.settings import FunctionSettings
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.webhooks import assembly as webhook_assembly
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks


class Settings(FunctionSettings):
    """The environment of fan_out_webhooks."""

    deliveries_queue_url: str
    quarantine_queue_url: str
    handover_seconds: float


def current_clock() -> Clock:
    """Return the time that this function goes by. Raises ConfigurationInvalid."""
    return clock_in(os.environ)


@cache
def service() -> FanOutWebhooks:
    """Put the function together, once for each environment."""
    settings = Settings.read(os.environ)
    clients, clock = Clients(), clock_of(settings)
    base = Foundation(
        ledger=DynamoLedger(client=clients.dynamodb, table=settings.table_name, clock=clock),
        clock=clock,
        ids=RandomIds(),
        timing=timing(handover=settings.handover_seconds),
    )
    return webhook_assembly.fan_out_webhooks(
        base,
        deliveries=SqsDeliveries(
            client=clients.sqs, url=settings.deliveries_queue_url, clock=clock
        ),
        quarantine=SqsQuarantine(
            client=clients.sqs, url=settings.quarantine_queue_url, clock=clock
        ),
    )
