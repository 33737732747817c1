"""What issue_barcodes is made of."""

from pydantic import Json

from couponbus.aws.event_bus import EventBridgeBus
from couponbus.aws.programs import DynamoPrograms
from couponbus.aws.pseudonyms import PepperedPseudonyms
from couponbus.aws.queues import SqsCommands, SqsNotifications, SqsQuarantine, SqsUnidentified
from couponbus.aws.secrets import Secrets
from couponbus.domain.tenancy import Tenancy
from couponbus.runtime.coniq import coniq_barcodes
from couponbus.runtime.coniq_rate_limiter import coniq_rate_limiter
from couponbus.runtime.initialisation import per_environment
from couponbus.runtime.settings import Accounts, IssuanceSettings
from couponbus.runtime.start import start
from couponbus.usecases.issuing import assembly as issuing_assembly
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes

PROGRAMS_CACHED_SECONDS = 30.0


class Settings(IssuanceSettings):
    """The environment of issue_barcodes."""

    quarantine_queue_url: str
    unidentified_queue_url: str
    polls_queue_url: str
    bus_name: str
    notifications_queue_url: str
    pepper_secret_id: str
    coniq_accounts: Accounts
    sign_up_tenants: Json[dict[str, tuple[str, ...]]]
    settle_seconds: float
    answered_settle_seconds: float
    between_look_ups_seconds: float
    post_seconds: float
    resolve_for_seconds: float
    publish_grace_seconds: float
    handover_seconds: float


@per_environment
def service() -> IssueBarcodes:
    """Assemble the use case, once per execution environment."""
    runtime = start(Settings)
    settings = runtime.settings
    secrets = Secrets(client=runtime.clients.secrets, clock=runtime.clock)
    accounts = {account.name: account for account in settings.coniq_accounts}
    return issuing_assembly.issue_barcodes(
        runtime.base,
        programs=DynamoPrograms(
            client=runtime.clients.dynamodb,
            table=runtime.table,
            clock=runtime.clock,
            seconds=PROGRAMS_CACHED_SECONDS,
        ),
        barcodes=coniq_barcodes(runtime, accounts=accounts, secrets=secrets),
        limiter=coniq_rate_limiter(runtime, accounts=accounts),
        quarantine=runtime.queue(SqsQuarantine, settings.quarantine_queue_url),
        unidentified=runtime.queue(SqsUnidentified, settings.unidentified_queue_url),
        polls=runtime.queue(SqsCommands, settings.polls_queue_url),
        bus=EventBridgeBus(
            client=runtime.clients.events,
            bus=settings.bus_name,
            notifications=runtime.queue(SqsNotifications, settings.notifications_queue_url),
        ),
        pseudonyms=PepperedPseudonyms(secrets=secrets, secret_id=settings.pepper_secret_id),
        accounts=accounts,
        tenancy=Tenancy(by_source=settings.sign_up_tenants),
    )
