"""What poll_redemptions is made of."""

import os
from functools import cache

from couponbus.aws.clients import Clients
from couponbus.aws.ids import RandomIds
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.aws.programs import DynamoPrograms
from couponbus.aws.pseudonyms import PepperedPseudonyms
from couponbus.aws.queues import SqsQuarantine
from couponbus.aws.secrets import Secrets
from couponbus.ports.shared import Clock
from couponbus.runtime.clock import clock_in, clock_of
from couponbus.runtime.durations import timing
from couponbus.runtime.polling import KouponAccounts, UniqodoAccounts, provider_redemptions
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.spending import poll_accounts, poll_budgets
from couponbus.runtime.threads import ThreadedExecutor
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.polling import assembly as polling_assembly
from couponbus.usecases.polling.poll_redemptions import PollRedemptions

PROGRAMS_CACHED_SECONDS = 30.0
# At 150 ms a call that is 330 calls a second (docs/performance.md#polling-throughput).
THREADS = 50


class Settings(FunctionSettings):
    """The environment of poll_redemptions."""

    quarantine_queue_url: str
    pepper_secret_id: str
    uniqodo_accounts: UniqodoAccounts
    koupon_accounts: KouponAccounts
    publish_grace_seconds: float
    handover_seconds: float


def current_clock() -> Clock:
    """Return the time that this function goes by. Raises ConfigurationInvalid."""
    return clock_in(os.environ)


@cache
def service() -> PollRedemptions:
    """Put the function together, once for each environment."""
    settings = Settings.read(os.environ)
    clients, clock, table = Clients(), clock_of(settings), settings.table_name
    secrets = Secrets(client=clients.secrets, clock=clock)
    accounts = poll_accounts(uniqodo=settings.uniqodo_accounts, koupon=settings.koupon_accounts)
    base = Foundation(
        ledger=DynamoLedger(client=clients.dynamodb, table=table, clock=clock),
        clock=clock,
        ids=RandomIds(),
        timing=timing(
            publish_grace=settings.publish_grace_seconds, handover=settings.handover_seconds
        ),
    )
    return polling_assembly.poll_redemptions(
        base,
        redemptions=provider_redemptions(
            uniqodo=settings.uniqodo_accounts,
            koupon=settings.koupon_accounts,
            secrets=secrets,
            clock=clock,
            threads=THREADS,
        ),
        cohorts=DynamoCohorts(client=clients.dynamodb, table=table),
        programs=DynamoPrograms(
            client=clients.dynamodb, table=table, clock=clock, seconds=PROGRAMS_CACHED_SECONDS
        ),
        limiters=poll_budgets(accounts, clients=clients, table=table, clock=clock),
        accounts=accounts,
        quarantine=SqsQuarantine(
            client=clients.sqs, url=settings.quarantine_queue_url, clock=clock
        ),
        pseudonyms=PepperedPseudonyms(secrets=secrets, secret_id=settings.pepper_secret_id),
        executor=ThreadedExecutor(size=THREADS),
    )
