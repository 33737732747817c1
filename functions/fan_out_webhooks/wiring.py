"""What fan_out_webhooks is made of."""

from couponbus.aws.queues import SqsDeliveries, SqsQuarantine
from couponbus.runtime.initialisation import per_environment
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.start import start
from couponbus.usecases.webhooks import assembly as webhook_assembly
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks


class Settings(FunctionSettings):
    """The environment of fan_out_webhooks."""

    deliveries_queue_url: str
    quarantine_queue_url: str
    handover_seconds: float


@per_environment
def service() -> FanOutWebhooks:
    """Assemble the use case, once per execution environment."""
    runtime = start(Settings)
    settings = runtime.settings
    return webhook_assembly.fan_out_webhooks(
        runtime.base,
        deliveries=runtime.queue(SqsDeliveries, settings.deliveries_queue_url),
        quarantine=runtime.queue(SqsQuarantine, settings.quarantine_queue_url),
    )
