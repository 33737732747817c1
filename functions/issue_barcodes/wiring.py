"""What issue_barcodes is made of."""

import os
from functools import cache

from pydantic import Json

from couponbus.aws.clients import Clients
from couponbus.aws.ids import RandomIds
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.programs import DynamoPrograms
from couponbus.aws.pseudonyms import PepperedPseudonyms
from couponbus.aws.queues import SqsCommands, SqsQuarantine
from couponbus.aws.secrets import Secrets
from couponbus.domain.tenancy import Tenancy
from couponbus.ports.shared import Clock
from couponbus.runtime.clock import clock_in, clock_of
from couponbus.runtime.coniq import coniq_barcodes
from couponbus.runtime.coniq_pace import coniq_budget
from couponbus.runtime.durations import timing
from couponbus.runtime.settings import Accounts, FunctionSettings
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.issuing import assembly as issuing_assembly
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes

PROGRAMS_CACHED_SECONDS = 30.0


class Settings(FunctionSettings):
    """The environment of issue_barcodes."""

    quarantine_queue_url: str
    polls_queue_url: str
    pepper_secret_id: str
    coniq_accounts: Accounts
    sign_up_tenants: Json[dict[str, tuple[str, ...]]]
    settle_seconds: float
    answered_settle_seconds: float
    between_looks_seconds: float
    post_seconds: float
    resolve_for_seconds: float
    publish_grace_seconds: float
    handover_seconds: float


def current_clock() -> Clock:
    """Return the time that this function goes by. Raises ConfigurationInvalid."""
    return clock_in(os.environ)


@cache
def service() -> IssueBarcodes:
    """Put the function together, once for each environment."""
    settings = Settings.read(os.environ)
    clients, clock = Clients(), clock_of(settings)
    secrets = Secrets(client=clients.secrets, clock=clock)
    accounts = {account.name: account for account in settings.coniq_accounts}
    durations = timing(
        settle=settings.settle_seconds,
        answered_settle=settings.answered_settle_seconds,
        between_looks=settings.between_looks_seconds,
        post=settings.post_seconds,
        resolve_for=settings.resolve_for_seconds,
        publish_grace=settings.publish_grace_seconds,
        handover=settings.handover_seconds,
    )
    base = Foundation(
        ledger=DynamoLedger(client=clients.dynamodb, table=settings.table_name, clock=clock),
        clock=clock,
        ids=RandomIds(),
        timing=durations,
    )
    return issuing_assembly.issue_barcodes(
        base,
        programs=DynamoPrograms(
            client=clients.dynamodb,
            table=settings.table_name,
            clock=clock,
            seconds=PROGRAMS_CACHED_SECONDS,
        ),
        barcodes=coniq_barcodes(
            accounts=accounts, stage=settings.stage, secrets=secrets, clock=clock
        ),
        limiter=coniq_budget(
            accounts=accounts, clients=clients, table=settings.table_name, clock=clock
        ),
        quarantine=SqsQuarantine(
            client=clients.sqs, url=settings.quarantine_queue_url, clock=clock
        ),
        polls=SqsCommands(client=clients.sqs, url=settings.polls_queue_url, clock=clock),
        pseudonyms=PepperedPseudonyms(secrets=secrets, secret_id=settings.pepper_secret_id),
        accounts=accounts,
        tenancy=Tenancy(by_source=settings.sign_up_tenants),
    )
