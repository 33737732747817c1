"""A declared function as a Lambda function with a role of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import StageConfig
from infra.constructs.layers import ARCHITECTURES, RUNTIME, Layers
from infra.declared import Function, StageResources
from infra.names import PRODUCT, Names
from infra.sources import Sources

ALIAS = "live"


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
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=platform.names.log_group(self.folder),
            retention=stage.log_retention,
            removal_policy=stage.removal,
        )
        self.role = self._role([_writes(log_group), *function.statements(resources)])
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=platform.names.of(self.folder),
            description=f"functions/{self.folder}",
            code=lambda_.Code.from_asset(str(platform.sources.function(self.folder))),
            handler=f"functions.{self.folder}.handler.handler",
            runtime=RUNTIME,
            architecture=ARCHITECTURES[stage.architecture],
            layers=platform.layers.all,
            timeout=Duration.seconds(function.timeout_seconds),
            memory_size=function.memory_mb,
            # The policy above is all that the role may ever do: no grant widens it.
            role=self.role.without_policy_updates(),
            log_group=log_group,
            environment=function.environment(resources) | _powertools(self.folder, stage.log_level),
            # X-Ray's actions know no resource: tracing would be the only `*` of the product.
            tracing=lambda_.Tracing.DISABLED,
            current_version_options=lambda_.VersionOptions(removal_policy=stage.removal),
        )
        self.alias = lambda_.Alias(
            self, "Alias", alias_name=ALIAS, version=self.function.current_version
        )

    def _role(self, statements: Sequence[iam.PolicyStatement]) -> iam.Role:
        policy = iam.ManagedPolicy(self, "Policy", statements=list(statements))
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            managed_policies=[policy],
        )


def _writes(log_group: logs.ILogGroup) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
    )


def _powertools(service: str, log_level: str) -> dict[str, str]:
    return {
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_METRICS_NAMESPACE": PRODUCT,
        "POWERTOOLS_LOGGER_LOG_EVENT": "false",
        "LOG_LEVEL": log_level,
    }
