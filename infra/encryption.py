"""Whose keys encrypt what a stage stores, and what a role needs to use a key of yours."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import jsii
from aws_cdk import Aws, IAspect
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import IConstruct

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.names import Names
from couponbus_config.options import is_key, region_of
from couponbus_config.stage import StageConfig

# EventBridge and SNS send to them, and may not use the key that AWS manages for SQS.
FILLED_BY_SERVICES = ("signups", "undelivered")
MANAGED_FOR_QUEUES = "alias/aws/sqs"
# Service -> what a caller needs of the key, and the actions for which the service asks for it. The
# list of DynamoDB is the one that its guide names, but for the grant, which the deployment makes.
USES: Mapping[str, Mapping[tuple[str, ...], tuple[str, ...]]] = {
    "dynamodb": {
        (
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ): ("dynamodb:",)
    },
    "secretsmanager": {("kms:Decrypt",): ("secretsmanager:GetSecretValue",)},
    "sqs": {
        ("kms:Decrypt",): ("sqs:ReceiveMessage",),
        ("kms:Decrypt", "kms:GenerateDataKey"): ("sqs:SendMessage",),
    },
}


def use_key(
    stage: StageConfig, statements: Iterable[iam.PolicyStatement]
) -> list[iam.PolicyStatement]:
    """Return what these statements need of the stage's key, each through one service only."""
    if not is_key(stage.kms):
        return []
    actions = [action for statement in statements for action in statement.actions]
    needed = {service: set(_needed(uses, actions)) for service, uses in USES.items()}
    return [
        iam.PolicyStatement(
            actions=sorted(each),
            resources=[stage.kms],
            conditions={
                "StringEquals": {
                    "kms:ViaService": f"{service}.{region_of(stage.kms)}.{Aws.URL_SUFFIX}"
                }
            },
        )
        for service, each in needed.items()
        if each
    ]


def refuse_key_elsewhere(stage: StageConfig, *, environment: Mapping[str, str]) -> None:
    """Raise ConfigurationError if the region is known, and the key is of another."""
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if region and is_key(stage.kms) and region_of(stage.kms) != region:
        raise ConfigurationError(
            f"kms of stage {stage.name} names a key of the region {region_of(stage.kms)}, and the"
            f" stage is for {region}: use a key of its own region"
        )


@jsii.implements(IAspect)
class Encryption:
    """Sets the keys on the resources themselves, so that no construct can forget them.

    The constructs of the CDK know of no key: where they know one, they no longer say which rule may
    send to a queue.
    """

    def __init__(self, *, stage: StageConfig, names: Names) -> None:
        self._kms = stage.kms
        self._filled = {names.of(queue) for queue in FILLED_BY_SERVICES}

    def visit(self, node: IConstruct) -> None:
        """Set the key of a resource that stores something."""
        of_yours: Mapping[type, Callable[..., None]] = {
            dynamodb.CfnTable: _table,
            events.CfnArchive: _events,
            events.CfnEventBus: _events,
            logs.CfnLogGroup: _logs,
            secretsmanager.CfnSecret: _secret,
            sns.CfnTopic: _topic,
            sqs.CfnQueue: _queue,
        }
        if self._kms == "managed":
            self._managed(node)
        elif is_key(self._kms) and type(node) in of_yours:
            of_yours[type(node)](node, self._kms)

    def _managed(self, node: IConstruct) -> None:
        """Leave to AWS what its managed keys cannot do, or do without being asked (secrets)."""
        if isinstance(node, dynamodb.CfnTable):
            _table(node, None)
        if isinstance(node, sqs.CfnQueue) and node.queue_name not in self._filled:
            _queue(node, MANAGED_FOR_QUEUES)


def _needed(
    uses: Mapping[tuple[str, ...], tuple[str, ...]], actions: Iterable[str]
) -> Iterator[str]:
    for needs, asking in uses.items():
        if any(action.startswith(asking) for action in actions):
            yield from needs


def _table(table: dynamodb.CfnTable, key: str | None) -> None:
    table.sse_specification = dynamodb.CfnTable.SSESpecificationProperty(
        sse_enabled=True, sse_type="KMS", kms_master_key_id=key
    )


def _queue(queue: sqs.CfnQueue, key: str) -> None:
    queue.sqs_managed_sse_enabled = None
    queue.kms_master_key_id = key


def _topic(topic: sns.CfnTopic, key: str) -> None:
    topic.kms_master_key_id = key


def _secret(secret: secretsmanager.CfnSecret, key: str) -> None:
    secret.kms_key_id = key


def _logs(group: logs.CfnLogGroup, key: str) -> None:
    group.kms_key_id = key


def _events(stored: events.CfnEventBus | events.CfnArchive, key: str) -> None:
    stored.kms_key_identifier = key
