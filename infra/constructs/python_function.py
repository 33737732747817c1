"""A declared function as a Lambda function with a role of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from couponbus_config.names import Names
from couponbus_config.options import Network
from couponbus_config.stage import StageConfig
from infra.constructs.layers import ARCHITECTURES, RUNTIME, Layers
from infra.declared import Function, StageResources
from infra.encryption import use_key
from infra.log_retention import retention_of
from infra.permissions import everywhere
from infra.removal import removal_of
from infra.sources import Sources

ALIAS = "live"
WITHIN_FIRST, WITHIN_FURTHER = 8, 24  # resources of a statement
TRACING = {"off": lambda_.Tracing.DISABLED, "active": lambda_.Tracing.ACTIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The stage settings that all functions share."""

    stage: StageConfig
    names: Names
    sources: Sources
    layers: Layers


class PythonFunction(Construct):
    """Function, role, log group and alias of `functions/<folder>`, as it is declared.

    Callers reach `alias`, never the function: a version binds code and layers, so that no
    invocation meets new code with old layers while a deployment runs.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        platform: Platform,
        function: Function,
        resources: StageResources,
    ) -> None:
        super().__init__(scope, function.construct_id)
        self.folder = function.name
        stage = platform.stage
        reserved = {each.function: each.executions for each in stage.reserved}
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=platform.names.log_group(self.folder),
            retention=retention_of(stage),
            removal_policy=removal_of(stage),
        )
        statements = function.statements(resources)
        self.role = self._role(
            [
                _writes(log_group),
                *statements,
                *use_key(stage, statements),
                *_everywhere(stage),
            ]
        )
        with platform.sources.function_with(self.folder, function.file(resources)) as code:
            self.function = lambda_.Function(
                self,
                "Function",
                function_name=platform.names.of(self.folder),
                description=f"functions/{self.folder}",
                code=lambda_.Code.from_asset(str(code)),
                handler=f"functions.{self.folder}.handler.handler",
                runtime=RUNTIME,
                architecture=ARCHITECTURES[stage.architecture],
                layers=platform.layers.all,
                timeout=Duration.seconds(function.timeout_seconds),
                memory_size=function.memory_mb,
                # The policies above are all that the role may ever do: no grant widens it.
                role=self.role.without_policy_updates(),
                log_group=log_group,
                environment=(
                    function.environment(resources)
                    | _powertools(self.folder, stage.log_level, platform.names.metrics)
                ),
                tracing=TRACING[stage.tracing],
                reserved_concurrent_executions=reserved.get(self.folder),
                current_version_options=lambda_.VersionOptions(removal_policy=removal_of(stage)),
            )
        if stage.network:
            self._run_in(stage.network)
        self.alias = lambda_.Alias(
            self, "Alias", alias_name=ALIAS, version=self.function.current_version
        )

    def _run_in(self, network: Network) -> None:
        # Ids alone: the construct would want to look the network up in the account.
        resource = cast(lambda_.CfnFunction, self.function.node.default_child)
        resource.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
            subnet_ids=list(network.subnets), security_group_ids=list(network.security_groups)
        )

    def _role(self, statements: Sequence[iam.PolicyStatement]) -> iam.Role:
        first, further = _divided(statements)
        policies = [iam.ManagedPolicy(self, "Policy", statements=first)]
        for number, statement in enumerate(further, start=2):
            policies.append(iam.ManagedPolicy(self, f"Policy{number}", statements=[statement]))
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            managed_policies=policies,
        )


def _divided(
    statements: Sequence[iam.PolicyStatement],
) -> tuple[list[iam.PolicyStatement], list[iam.PolicyStatement]]:
    """Return what the first policy holds, and one statement for each further one.

    IAM takes 6,144 characters in a policy, and the ARN of a secret has up to 190.
    """
    first, further = [], []
    for statement in statements:
        resources = statement.resources
        if len(resources) <= WITHIN_FIRST:
            first.append(statement)
            continue
        first.append(statement.copy(resources=resources[:WITHIN_FIRST]))
        further += [
            statement.copy(resources=list(some))
            for some in batched(resources[WITHIN_FIRST:], WITHIN_FURTHER, strict=False)
        ]
    return first, further


def _everywhere(stage: StageConfig) -> list[iam.PolicyStatement]:
    actions = everywhere(stage)
    return [iam.PolicyStatement(actions=actions, resources=["*"])] if actions else []


def _writes(log_group: logs.ILogGroup) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
    )


def _powertools(service: str, log_level: str, namespace: str) -> dict[str, str]:
    return {
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_METRICS_NAMESPACE": namespace,
        "POWERTOOLS_LOGGER_LOG_EVENT": "false",
        "LOG_LEVEL": log_level,
    }
