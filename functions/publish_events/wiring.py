"""What publish_events is made of."""

from couponbus.aws.event_bus import EventBridgeBus
from couponbus.aws.queues import SqsNotifications
from couponbus.runtime.initialisation import per_environment
from couponbus.runtime.settings import IssuanceSettings
from couponbus.runtime.start import start
from couponbus.usecases.publishing import assembly as publishing_assembly
from couponbus.usecases.publishing.publish_events import PublishEvents


class Settings(IssuanceSettings):
    """The environment of publish_events."""

    bus_name: str
    notifications_queue_url: str


@per_environment
def service() -> PublishEvents:
    """Assemble the use case, once per execution environment."""
    runtime = start(Settings)
    settings = runtime.settings
    return publishing_assembly.publish_events(
        runtime.base,
        bus=EventBridgeBus(
            client=runtime.clients.events,
            bus=settings.bus_name,
            notifications=runtime.queue(SqsNotifications, settings.notifications_queue_url),
        ),
    )
