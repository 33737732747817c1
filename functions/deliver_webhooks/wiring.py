"""What deliver_webhooks is made of."""

import os
from datetime import timedelta
from functools import cache

from couponbus.aws.clients import Clients
from couponbus.aws.endpoint_pace import DynamoEndpointPace
from couponbus.aws.ids import RandomIds
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.queues import SqsQuarantine
from couponbus.aws.secrets import Secrets
from couponbus.aws.webhooks.signing_keys import StoredSigningKeys
from couponbus.ports.shared import Clock
from couponbus.runtime.clock import clock_in, clock_of
from couponbus.runtime.durations import timing
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.threads import ThreadedExecutor
from couponbus.runtime.webhooks import webhook_sender
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.webhooks import assembly as webhook_assembly
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks

# The secret of an endpoint that was just added is not in a copy of some seconds ago.
BETWEEN_READS = timedelta(seconds=5)
# A batch of ten messages, each for one endpoint, in five strands each; and one more, because
# whoever has no thread left is not asked what else there is to do (`slow_endpoints`).
THREADS = 51


class Settings(FunctionSettings):
    """The environment of deliver_webhooks."""

    quarantine_queue_url: str
    webhooks_secret_id: str
    publish_grace_seconds: float


def current_clock() -> Clock:
    """Return the time that this function goes by. Raises ConfigurationInvalid."""
    return clock_in(os.environ)


@cache
def service() -> DeliverWebhooks:
    """Put the function together, once for each environment."""
    settings = Settings.read(os.environ)
    clients, clock, table = Clients(), clock_of(settings), settings.table_name
    base = Foundation(
        ledger=DynamoLedger(client=clients.dynamodb, table=table, clock=clock),
        clock=clock,
        ids=RandomIds(),
        timing=timing(publish_grace=settings.publish_grace_seconds),
    )
    return webhook_assembly.deliver_webhooks(
        base,
        webhooks=webhook_sender(stage=settings.stage, clock=clock),
        signing_keys=StoredSigningKeys(
            secrets=Secrets(client=clients.secrets, clock=clock, between_reads=BETWEEN_READS),
            secret_id=settings.webhooks_secret_id,
            clock=clock,
        ),
        pace=DynamoEndpointPace(client=clients.dynamodb, table=table, clock=clock),
        quarantine=SqsQuarantine(
            client=clients.sqs, url=settings.quarantine_queue_url, clock=clock
        ),
        executor=ThreadedExecutor(size=THREADS),
    )
