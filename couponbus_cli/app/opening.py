"""Opens a stage: the adapters of `World`, on AWS clients."""

from couponbus.aws.clock import RandomIds
from couponbus.aws.inbound.ignored_callbacks import DynamoIgnoredCallbacks
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.report import LedgerReport
from couponbus.aws.ledger.unmatched_index import DynamoUnmatched
from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.aws.programs import DynamoPrograms
from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.aws.seen_accounts import DynamoSeenAccounts
from couponbus.aws.webhooks.event_log import DynamoEventLog
from couponbus.domain.provider import Provider
from couponbus_cli.app.deployment import StackDeployment
from couponbus_cli.app.queues import (
    SqsPolls,
    SqsQueues,
    SqsRedeliveries,
    SqsUnidentified,
)
from couponbus_cli.app.stage import Stage, target_of
from couponbus_cli.app.triggers import LambdaTriggers
from couponbus_cli.app.world import World
from couponbus_cli.doctor.aws_answers import AwsAnswers
from couponbus_cli.endpoints.signing_secrets import PART, StoredSigningSecrets
from couponbus_cli.logs.log_groups import LogGroups
from couponbus_cli.lookups.provider_calls import StageCalls
from couponbus_cli.restore.leftovers import Leftovers
from couponbus_cli.restore.lost_table import LostTable
from couponbus_cli.restore.stack_import import LedgerStack
from couponbus_cli.restore.table_copy import TableCopy
from couponbus_cli.status.cloudwatch import CloudWatch
from couponbus_cli.status.ledger_scan import LedgerScan
from couponbus_cli.watch.scan import WatchScan


def opened(stage: Stage) -> World:
    """Open a stage with this machine's credentials. Raises Failed, BotoCoreError."""
    target = target_of(stage)
    clock, client, sqs = target.clock, target.dynamodb(), target.sqs()
    functions = target.functions()
    deployment = StackDeployment(client=target.stacks(), target=target)
    ledger = DynamoLedger(client=client, table=target.table, clock=clock)
    limiters = {
        provider: DynamoRateLimiter(
            client=client, table=target.table, clock=clock, provider=provider, limits={}
        )
        for provider in Provider
    }
    triggers = LambdaTriggers(client=functions, target=target, clock=clock)
    return World(
        stage=target.stage,
        programs=DynamoPrograms(client=client, table=target.table, clock=clock, seconds=0),
        seen_accounts=DynamoSeenAccounts(client=client, table=target.table),
        rows=ledger,
        report=LedgerReport(client=client, table=target.table, ledger=ledger),
        scan=LedgerScan(client=client, table=target.table),
        watches=WatchScan(client=client, table=target.table),
        cohorts=DynamoCohorts(client=client, table=target.table),
        queues=SqsQueues(client=sqs, target=target),
        unidentified=SqsUnidentified(client=sqs, target=target, clock=clock),
        polls=SqsPolls(client=sqs, target=target, clock=clock),
        history=DynamoEventLog(client=client, table=target.table),
        unmatched=DynamoUnmatched(client=client, table=target.table),
        measured=CloudWatch(target=target),
        signing=StoredSigningSecrets(
            client=target.secrets(), secret_id=target.secret(PART), clock=clock
        ),
        redeliveries=SqsRedeliveries(client=sqs, target=target, clock=clock),
        limiters=limiters,
        issuing=DynamoRateLimiter(
            client=client, table=target.table, clock=clock, provider="coniq", limits={}
        ),
        callbacks=DynamoIgnoredCallbacks(client=client, table=target.table, clock=clock),
        deployment=deployment,
        providers=StageCalls(target=target, deployment=deployment),
        triggers=triggers,
        tables=TableCopy(client=client, table=target.table),
        lost=LostTable(client=client, table=target.table),
        imports=LedgerStack(target=target),
        leftovers=Leftovers(target=target),
        logs=LogGroups(target=target),
        answers=AwsAnswers(target=target, deployment=deployment, all_triggers=triggers),
        clock=clock,
        ids=RandomIds(),
    )
