"""What schedule_polls is made of."""

from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.aws.queues import SqsCommands
from couponbus.runtime.initialisation import per_environment
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.spending import Spenders, poll_accounts, poll_budgets
from couponbus.runtime.start import start
from couponbus.usecases.polling import schedule_assembly
from couponbus.usecases.polling.schedule_polls import SchedulePolls


class Settings(FunctionSettings):
    """The environment of schedule_polls."""

    polls_queue_url: str
    uniqodo_accounts: Spenders
    koupon_accounts: Spenders
    publish_grace_seconds: float


@per_environment
def service() -> SchedulePolls:
    """Assemble the use case, once per execution environment."""
    runtime = start(Settings)
    settings = runtime.settings
    accounts = poll_accounts(uniqodo=settings.uniqodo_accounts, koupon=settings.koupon_accounts)
    return schedule_assembly.schedule_polls(
        runtime.base,
        cohorts=DynamoCohorts(client=runtime.clients.dynamodb, table=runtime.table),
        polls=runtime.queue(SqsCommands, settings.polls_queue_url),
        limiters=poll_budgets(runtime, accounts=accounts),
        accounts=accounts,
    )
