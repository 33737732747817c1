"""What poll_redemptions is made of."""

from functools import partial
from typing import TYPE_CHECKING

from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.aws.pseudonyms import PepperedPseudonyms
from couponbus.aws.queues import SqsQuarantine
from couponbus.aws.secrets import Secrets
from couponbus.runtime.initialisation import per_environment
from couponbus.runtime.polling import KouponAccounts, UniqodoAccounts, provider_redemptions
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.spending import poll_accounts, poll_budgets
from couponbus.runtime.start import Runtime, start
from couponbus.runtime.threads import ThreadedExecutor
from couponbus.usecases.polling import assembly as polling_assembly
from couponbus.usecases.polling.poll_redemptions import PollRedemptions

if TYPE_CHECKING:
    from couponbus.aws.programs import DynamoPrograms

PROGRAMS_CACHED_SECONDS = 30.0
# At 150 ms a call that is 420 calls a second (docs/performance.md#polling-throughput).
THREADS = 64


class Settings(FunctionSettings):
    """The environment of poll_redemptions."""

    quarantine_queue_url: str
    pepper_secret_id: str
    uniqodo_accounts: UniqodoAccounts
    koupon_accounts: KouponAccounts
    publish_grace_seconds: float
    handover_seconds: float


def _programs(runtime: Runtime[Settings]) -> "DynamoPrograms":
    """Return what reads programs, which only commands on watches need."""
    from couponbus.aws.programs import DynamoPrograms  # noqa: PLC0415

    return DynamoPrograms(
        client=runtime.clients.dynamodb,
        table=runtime.table,
        clock=runtime.clock,
        seconds=PROGRAMS_CACHED_SECONDS,
    )


@per_environment
def service() -> PollRedemptions:
    """Assemble the use case, once per execution environment."""
    runtime = start(Settings)
    settings = runtime.settings
    secrets = Secrets(client=runtime.clients.secrets, clock=runtime.clock)
    accounts = poll_accounts(uniqodo=settings.uniqodo_accounts, koupon=settings.koupon_accounts)
    return polling_assembly.poll_redemptions(
        runtime.base,
        redemptions=provider_redemptions(
            uniqodo=settings.uniqodo_accounts,
            koupon=settings.koupon_accounts,
            secrets=secrets,
            clock=runtime.clock,
            threads=THREADS,
        ),
        cohorts=DynamoCohorts(client=runtime.clients.dynamodb, table=runtime.table),
        programs=partial(_programs, runtime),
        limiters=poll_budgets(runtime, accounts=accounts),
        accounts=accounts,
        quarantine=runtime.queue(SqsQuarantine, settings.quarantine_queue_url),
        pseudonyms=PepperedPseudonyms(secrets=secrets, secret_id=settings.pepper_secret_id),
        executor=ThreadedExecutor(size=THREADS),
    )
