"""The permissions of functions: exact actions on exact resources, nothing else."""

from collections.abc import Callable, Iterable

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager

from infra.declared import Permission, QueueName, StageResources
from infra.event_sources import published_detail_types, published_sources
from infra.stacks.state import State

type Chosen = Callable[[State], Iterable[secretsmanager.Secret]]


def use_ledger(*actions: str) -> Permission:
    """Allow these actions on the table, and none on its indexes."""
    return lambda given: iam.PolicyStatement(
        actions=[f"dynamodb:{action}" for action in actions],
        resources=[given.state.table.table_arn],
    )


def query(*indexes: str) -> Permission:
    """Allow queries of these indexes of the ledger."""
    return lambda given: iam.PolicyStatement(
        actions=["dynamodb:Query"],
        resources=[f"{given.state.table.table_arn}/index/{index}" for index in indexes],
    )


def read_secrets(*choices: Chosen) -> Permission:
    """Allow reading the chosen secrets, such as `coniq_keys`."""
    return lambda given: iam.PolicyStatement(
        actions=["secretsmanager:GetSecretValue"],
        resources=[secret.secret_arn for chosen in choices for secret in chosen(given.state)],
    )


def consume(*queues: QueueName) -> Permission:
    """Allow an event source mapping to receive messages of these queues."""
    return lambda given: iam.PolicyStatement(
        actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        resources=[given.queues[queue].queue_arn for queue in queues],
    )


def send(*queues: QueueName) -> Permission:
    """Allow sending to these queues."""
    return lambda given: iam.PolicyStatement(
        actions=["sqs:SendMessage"],
        resources=[given.queues[queue].queue_arn for queue in queues],
    )


def publish(given: StageResources) -> iam.PolicyStatement:
    """Allow PutEvents for our own events only: a function cannot forge sign-ups."""
    return iam.PolicyStatement(
        actions=["events:PutEvents"],
        resources=[given.bus.event_bus_arn],
        conditions={
            "ForAllValues:StringEquals": {
                "events:source": published_sources(),
                "events:detail-type": published_detail_types(),
            }
        },
    )


def coniq_keys(state: State) -> Iterable[secretsmanager.Secret]:
    """Choose the keys of all accounts at Coniq."""
    return state.account_secrets.values()


def polled_keys(state: State) -> Iterable[secretsmanager.Secret]:
    """Choose the keys of all accounts that are polled."""
    return (*state.uniqodo_secrets.values(), *state.koupon_secrets.values())


def pepper(state: State) -> Iterable[secretsmanager.Secret]:
    """Choose the secret that keys the pseudonyms of customers."""
    return (state.pepper,)
