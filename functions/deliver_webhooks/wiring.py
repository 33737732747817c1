"""What deliver_webhooks is made of."""

from datetime import timedelta

from couponbus.aws.queues import SqsQuarantine
from couponbus.aws.rate_limiter import DynamoEndpointPace
from couponbus.aws.secrets import Secrets
from couponbus.aws.webhooks.signing_keys import StoredSigningKeys
from couponbus.runtime.initialisation import per_environment
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.start import start
from couponbus.runtime.threads import ThreadedExecutor
from couponbus.runtime.webhooks import webhook_sender
from couponbus.usecases.webhooks import assembly as webhook_assembly
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks

# A copy that was read some seconds ago lacks the secret of an endpoint that was just added.
BETWEEN_READS = timedelta(seconds=5)
# A batch of ten messages, each for one endpoint, in five jobs each; and one more, because
# without a free thread the executor asks for no further job (`SlowEndpointDetector`).
THREADS = 51


class Settings(FunctionSettings):
    """The environment of deliver_webhooks."""

    quarantine_queue_url: str
    webhooks_secret_id: str
    publish_grace_seconds: float


@per_environment
def service() -> DeliverWebhooks:
    """Assemble the use case, once per execution environment."""
    runtime = start(Settings)
    settings = runtime.settings
    return webhook_assembly.deliver_webhooks(
        runtime.base,
        webhooks=webhook_sender(stage=settings.stage, clock=runtime.clock),
        signing_keys=StoredSigningKeys(
            secrets=Secrets(
                client=runtime.clients.secrets, clock=runtime.clock, between_reads=BETWEEN_READS
            ),
            secret_id=settings.webhooks_secret_id,
            clock=runtime.clock,
        ),
        pace=DynamoEndpointPace(
            client=runtime.clients.dynamodb, table=runtime.table, clock=runtime.clock
        ),
        quarantine=runtime.queue(SqsQuarantine, settings.quarantine_queue_url),
        executor=ThreadedExecutor(size=THREADS),
    )
