"""What audit_barcodes is made of."""

import os
from functools import cache

from couponbus.aws.clients import Clients
from couponbus.aws.ids import RandomIds
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.secrets import Secrets
from couponbus.ports.shared import Clock
from couponbus.runtime.clock import clock_in, clock_of
from couponbus.runtime.coniq import coniq_barcodes
from couponbus.runtime.coniq_pace import coniq_budget
from couponbus.runtime.durations import timing
from couponbus.runtime.settings import Accounts, FunctionSettings
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.issuing import assembly as issuing_assembly
from couponbus.usecases.issuing.audit_barcodes import AuditBarcodes


class Settings(FunctionSettings):
    """The environment of audit_barcodes."""

    coniq_accounts: Accounts
    settle_seconds: float


def current_clock() -> Clock:
    """Return the time that this function goes by. Raises ConfigurationInvalid."""
    return clock_in(os.environ)


@cache
def service() -> AuditBarcodes:
    """Put the function together, once for each environment."""
    settings = Settings.read(os.environ)
    clients, clock = Clients(), clock_of(settings)
    secrets = Secrets(client=clients.secrets, clock=clock)
    accounts = {account.name: account for account in settings.coniq_accounts}
    base = Foundation(
        ledger=DynamoLedger(client=clients.dynamodb, table=settings.table_name, clock=clock),
        clock=clock,
        ids=RandomIds(),
        timing=timing(settle=settings.settle_seconds),
    )
    return issuing_assembly.audit_barcodes(
        base,
        barcodes=coniq_barcodes(
            accounts=accounts, stage=settings.stage, secrets=secrets, clock=clock
        ),
        limiter=coniq_budget(
            accounts=accounts, clients=clients, table=settings.table_name, clock=clock
        ),
        accounts=accounts,
    )
