"""The permissions of functions: exact actions on exact resources, nothing else."""

from collections.abc import Callable, Iterable, Mapping

from aws_cdk import aws_iam as iam

from couponbus_config.stage import StageConfig
from infra.declared import Permission, QueueName, StageResources
from infra.event_sources import published_detail_types, published_sources
from infra.ledger_rights import RIGHTS, LeadingKeys
from infra.stacks.ledger import ATTENTION_INDEX, DUE_INDEX
from infra.stacks.state import State

# These actions know no resource, or Lambda asks for them on all: the only `*` of the product.
TRACES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
NETWORK_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
)

type Chosen = Callable[[State], Iterable[str]]


def everywhere(stage: StageConfig) -> list[str]:
    """Return the actions that options of the stage need on all resources."""
    return [
        *(TRACES if stage.tracing == "active" else ()),
        *(NETWORK_INTERFACES if stage.network else ()),
    ]


def use_ledger(function: str) -> tuple[Permission, ...]:
    """Allow what `ledger_rights.py` names for this function, by the keys of the rows."""
    rights = RIGHTS[function]
    return (
        *(_on_table(action, keys) for action, keys in rights.of_table().items()),
        *([_write_statements(rights.writes)] if rights.writes else []),
        *([_query(DUE_INDEX, rights.due)] if rights.due else []),
        *([_query(ATTENTION_INDEX, rights.attention)] if rights.attention else []),
    )


def query(*indexes: str) -> Permission:
    """Allow queries of these indexes of the ledger, each with rows of one kind only."""
    return lambda given: iam.PolicyStatement(
        actions=["dynamodb:Query"],
        resources=[f"{given.ledger.table.table_arn}/index/{index}" for index in indexes],
    )


def scan_ledger(given: StageResources) -> iam.PolicyStatement:
    """Allow reading the whole table: a scan names no key by which it could be limited."""
    return iam.PolicyStatement(actions=["dynamodb:Scan"], resources=[given.ledger.table.table_arn])


def _on_table(action: str, keys: LeadingKeys) -> Permission:
    return lambda given: iam.PolicyStatement(
        actions=[f"dynamodb:{action}"],
        resources=[given.ledger.table.table_arn],
        conditions=_only(keys),
    )


def _write_statements(keys: LeadingKeys) -> Permission:
    """Allow the two PartiQL statements of the ledger, and none whose keys IAM cannot read."""
    return lambda given: iam.PolicyStatement(
        actions=["dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"],
        resources=[given.ledger.table.table_arn],
        conditions={**_only(keys), "Null": {"dynamodb:LeadingKeys": "false"}},
    )


def _query(index: str, keys: LeadingKeys) -> Permission:
    return lambda given: iam.PolicyStatement(
        actions=["dynamodb:Query"],
        resources=[f"{given.ledger.table.table_arn}/index/{index}"],
        conditions=_only(keys),
    )


def _only(keys: LeadingKeys) -> Mapping[str, object]:
    # Met also by a call that names no key: no other action is called without one.
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}}


def read_secrets(*choices: Chosen) -> Permission:
    """Allow reading the chosen secrets, such as `coniq_keys`."""
    return lambda given: iam.PolicyStatement(
        actions=["secretsmanager:GetSecretValue"],
        resources=[secret for chosen in choices for secret in chosen(given.state)],
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


def coniq_keys(state: State) -> Iterable[str]:
    """Choose the keys of all accounts at Coniq."""
    return [each.readable for each in state.account_secrets.values()]


def polled_keys(state: State) -> Iterable[str]:
    """Choose the keys of all accounts that are polled."""
    polled = (*state.uniqodo_secrets.values(), *state.koupon_secrets.values())
    return [each.readable for each in polled]


def pepper(state: State) -> Iterable[str]:
    """Choose the secret that keys the pseudonyms of customers."""
    return (state.pepper.secret_arn,)
