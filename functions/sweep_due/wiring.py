"""What sweep_due is made of."""

from couponbus.aws.event_bus import EventBridgeBus
from couponbus.aws.queues import SqsCommands, SqsDeliveries, SqsNotifications
from couponbus.runtime.coniq_rate_limiter import coniq_rate_limiter
from couponbus.runtime.initialisation import per_environment
from couponbus.runtime.settings import Accounts, IssuanceSettings
from couponbus.runtime.start import start
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.outbox.sweep_due import SweepDue


class Settings(IssuanceSettings):
    """The environment of sweep_due."""

    bus_name: str
    notifications_queue_url: str
    signups_queue_url: str
    polls_queue_url: str
    redeliveries_queue_url: str
    handover_seconds: float
    coniq_accounts: Accounts


@per_environment
def service() -> SweepDue:
    """Assemble the use case, once per execution environment."""
    runtime = start(Settings)
    settings = runtime.settings
    accounts = {account.name: account for account in settings.coniq_accounts}
    return outbox_assembly.sweep_due(
        runtime.base,
        bus=EventBridgeBus(
            client=runtime.clients.events,
            bus=settings.bus_name,
            notifications=runtime.queue(SqsNotifications, settings.notifications_queue_url),
        ),
        commands=runtime.queue(SqsCommands, settings.signups_queue_url),
        polls=runtime.queue(SqsCommands, settings.polls_queue_url),
        redeliveries=runtime.queue(SqsDeliveries, settings.redeliveries_queue_url),
        limiter=coniq_rate_limiter(runtime, accounts=accounts),
        accounts=accounts,
    )
