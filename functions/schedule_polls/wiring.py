"""What schedule_polls is made of."""

import os
from functools import cache

from couponbus.aws.clients import Clients
from couponbus.aws.ids import RandomIds
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.aws.queues import SqsCommands
from couponbus.ports.shared import Clock
from couponbus.runtime.clock import clock_in, clock_of
from couponbus.runtime.durations import timing
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.spending import Spenders, poll_accounts, poll_budgets
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.polling import assembly as polling_assembly
from couponbus.usecases.polling.schedule_polls import SchedulePolls


class Settings(FunctionSettings):
    """The environment of schedule_polls."""

    polls_queue_url: str
    uniqodo_accounts: Spenders
    koupon_accounts: Spenders
    publish_grace_seconds: float


def current_clock() -> Clock:
    """Return the time that this function goes by. Raises ConfigurationInvalid."""
    return clock_in(os.environ)


@cache
def service() -> SchedulePolls:
    """Put the function together, once for each environment."""
    settings = Settings.read(os.environ)
    clients, clock = Clients(), clock_of(settings)
    accounts = poll_accounts(uniqodo=settings.uniqodo_accounts, koupon=settings.koupon_accounts)
    base = Foundation(
        ledger=DynamoLedger(client=clients.dynamodb, table=settings.table_name, clock=clock),
        clock=clock,
        ids=RandomIds(),
        timing=timing(publish_grace=settings.publish_grace_seconds),
    )
    return polling_assembly.schedule_polls(
        base,
        cohorts=DynamoCohorts(client=clients.dynamodb, table=settings.table_name),
        polls=SqsCommands(client=clients.sqs, url=settings.polls_queue_url, clock=clock),
        limiters=poll_budgets(accounts, clients=clients, table=settings.table_name, clock=clock),
        accounts=accounts,
    )
