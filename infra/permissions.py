"""What each function may do: exact actions on exact resources, nothing else."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from infra.event_sources import published_detail_types, published_sources
from infra.stacks.messaging import Messaging
from infra.stacks.state import COHORTS_INDEX, DUE_INDEX, ENDS_INDEX, State

type Statements = list[iam.PolicyStatement]


def issue_barcodes(state: State, messaging: Messaging) -> Statements:
    """Read and write the ledger, know the keys, consume sign-ups, have customers looked at."""
    return [
        _ledger(state, "PutItem", "GetItem", "BatchGetItem", "Query"),
        _secrets(*_account_keys(state), state.pepper.secret_arn),
        _consume(messaging.signups),
        _send(messaging.quarantine),
        _send(messaging.polls),
    ]


def publish_events(state: State, messaging: Messaging) -> Statements:
    """Read the stream, publish, and mark in the ledger what was published."""
    return [
        iam.PolicyStatement(
            actions=[
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
                "dynamodb:DescribeStream",
                # Lambda names it among what a mapping needs, and accepts it on the stream alone.
                "dynamodb:ListStreams",
            ],
            resources=[str(state.table.table_stream_arn)],
        ),
        _ledger(state, "PutItem", "BatchGetItem"),
        _publish(messaging.bus),
        _send(messaging.unpublished),
    ]


def sweep_due(state: State, messaging: Messaging) -> Statements:
    """Find what is due, hand it over at the pace of the accounts, or publish it."""
    return [
        _query(state, DUE_INDEX),
        _ledger(state, "PutItem", "GetItem", "BatchGetItem"),
        _send(messaging.signups),
        _send(messaging.polls),
        _send(messaging.redeliveries),
        _send(messaging.undelivered),
        _publish(messaging.bus),
    ]


def audit_barcodes(state: State, messaging: Messaging) -> Statements:
    """Read what is due and the whole ledger, ask the provider, note what was found."""
    return [
        _query(state, DUE_INDEX),
        _ledger(state, "Scan", "GetItem", "PutItem", "BatchGetItem"),
        _secrets(*_account_keys(state)),
        _send(messaging.undelivered),
    ]


def schedule_polls(state: State, messaging: Messaging) -> Statements:
    """Read which cohorts there are and what was spent, note how far it has come."""
    return [
        _ledger(state, "PutItem", "GetItem", "BatchGetItem", "Query"),
        _send(messaging.polls),
        _send(messaging.undelivered),
    ]


def poll_redemptions(state: State, messaging: Messaging) -> Statements:
    """Find the watches of a span, know the keys, note what was redeemed and who is watched."""
    return [
        _ledger(state, "PutItem", "GetItem", "BatchGetItem", "UpdateItem", "Query"),
        _query(state, COHORTS_INDEX, ENDS_INDEX),
        _secrets(*_polled_keys(state), state.pepper.secret_arn),
        _consume(messaging.polls),
        _send(messaging.quarantine),
    ]


def receive_callback(state: State, messaging: Messaging) -> Statements:
    """Know the secrets of callers, remember what came, hand it on."""
    callers = [secret.secret_arn for secret in state.callback_secrets.values()]
    return [
        _ledger(state, "PutItem", "BatchGetItem"),
        _secrets(state.pepper.secret_arn, state.sign_ups_secret.secret_arn, *callers),
        _send(messaging.signups),
        _send(messaging.polls),
    ]


def fan_out_webhooks(state: State, messaging: Messaging) -> Statements:
    """Consume what was told, note it and who is to be told, hint at first attempts."""
    return [
        _ledger(state, "PutItem", "BatchGetItem"),
        _consume(messaging.notifications),
        _send(messaging.deliveries),
        _send(messaging.quarantine),
    ]


def deliver_webhooks(state: State, messaging: Messaging) -> Statements:
    """Read what to send and to whom, know the signing secrets, note what came of it."""
    return [
        _ledger(state, "PutItem", "GetItem", "BatchGetItem"),
        _secrets(state.webhooks_secret.secret_arn),
        _consume(messaging.deliveries),
        _consume(messaging.redeliveries),
        _send(messaging.quarantine),
    ]


def _ledger(state: State, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=[f"dynamodb:{action}" for action in actions], resources=[state.table.table_arn]
    )


def _account_keys(state: State) -> list[str]:
    return [secret.secret_arn for secret in state.account_secrets.values()]


def _polled_keys(state: State) -> list[str]:
    secrets = (*state.uniqodo_secrets.values(), *state.koupon_secrets.values())
    return [secret.secret_arn for secret in secrets]


def _secrets(*arns: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=list(arns))


def _query(state: State, *indexes: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["dynamodb:Query"],
        resources=[f"{state.table.table_arn}/index/{index}" for index in indexes],
    )


def _consume(queue: sqs.IQueue) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        resources=[queue.queue_arn],
    )


def _send(queue: sqs.IQueue) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn])


def _publish(bus: events.IEventBus) -> iam.PolicyStatement:
    """Allow our own events only: nobody may sign customers up in our name."""
    return iam.PolicyStatement(
        actions=["events:PutEvents"],
        resources=[bus.event_bus_arn],
        conditions={
            "ForAllValues:StringEquals": {
                "events:source": published_sources(),
                "events:detail-type": published_detail_types(),
            }
        },
    )
