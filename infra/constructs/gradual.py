"""Deployments that give a new version to a part of the invocations first (CodeDeploy)."""

from collections.abc import Iterable, Mapping
from typing import cast

from aws_cdk import ArnFormat, CfnCodeDeployLambdaAliasUpdate, CfnUpdatePolicy, Stack
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from couponbus_config.names import Names
from couponbus_config.options import Gradual
from couponbus_config.stage import StageConfig
from infra.constructs.python_function import ALIAS, PythonFunction
from infra.function_alarms import function_alarms
from infra.release.rollback_alarms import WORDS

# Ten minutes each: twice what an alarm of five minutes needs to see a version that fails.
SHIFTS: Mapping[Gradual, str] = {
    "canary": "CodeDeployDefault.LambdaCanary10Percent10Minutes",
    "linear": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
}

# What a new version of its own does to a function, in whichever way it fails.
OWN = ("errors", "UnexpectedErrors")


class GradualDeployments(Construct):
    """An application of CodeDeploy, and a deployment group for the alias of each worker.

    Everything is named, not referred to: an alias needs its group, the group its role, and the
    role would need the alias; and alarms are in a stack that is deployed after this one.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        stage: StageConfig,
        names: Names,
        workers: Iterable[PythonFunction],
    ) -> None:
        super().__init__(scope, id_)
        self._names = names
        self._application = codedeploy.CfnApplication(
            self, "Application", application_name=names.base, compute_platform="Lambda"
        )
        for worker in workers:
            self._shift(worker, by=SHIFTS[stage.gradual], alarms=self._alarms(worker, stage))

    def _alarms(self, worker: PythonFunction, stage: StageConfig) -> list[str]:
        own = {
            each.id
            for each in function_alarms(stage, self._names)
            if each.subject == worker.folder and each.alarm.word in OWN
        }
        return [self._names.of(word) for word in sorted({*WORDS, *own})]

    def _shift(self, worker: PythonFunction, *, by: str, alarms: list[str]) -> None:
        id_ = worker.node.id
        group = codedeploy.CfnDeploymentGroup(
            self,
            id_,
            application_name=self._application.ref,
            deployment_group_name=worker.folder,
            deployment_config_name=by,
            service_role_arn=self._role(id_, worker, alarms).role_arn,
            deployment_style=codedeploy.CfnDeploymentGroup.DeploymentStyleProperty(
                deployment_type="BLUE_GREEN", deployment_option="WITH_TRAFFIC_CONTROL"
            ),
            alarm_configuration=codedeploy.CfnDeploymentGroup.AlarmConfigurationProperty(
                enabled=True,
                alarms=[
                    codedeploy.CfnDeploymentGroup.AlarmProperty(name=alarm) for alarm in alarms
                ],
            ),
            auto_rollback_configuration=codedeploy.CfnDeploymentGroup.AutoRollbackConfigurationProperty(
                enabled=True, events=["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
            ),
        )
        alias = cast(lambda_.CfnAlias, worker.alias.node.default_child)
        alias.cfn_options.update_policy = CfnUpdatePolicy(
            code_deploy_lambda_alias_update=CfnCodeDeployLambdaAliasUpdate(
                application_name=self._application.ref, deployment_group_name=group.ref
            )
        )

    def _role(self, id_: str, worker: PythonFunction, alarms: list[str]) -> iam.Role:
        function = self._arn("lambda", "function", self._names.of(worker.folder))
        policy = iam.ManagedPolicy(
            self,
            f"{id_}Policy",
            statements=[
                iam.PolicyStatement(
                    actions=[
                        "lambda:GetAlias",
                        "lambda:GetProvisionedConcurrencyConfig",
                        "lambda:UpdateAlias",
                    ],
                    resources=[function, f"{function}:{ALIAS}"],
                ),
                iam.PolicyStatement(
                    actions=["cloudwatch:DescribeAlarms"],
                    resources=[self._arn("cloudwatch", "alarm", alarm) for alarm in alarms],
                ),
            ],
        )
        return iam.Role(
            self,
            f"{id_}Role",
            # Without the condition a deployment of another account could use the role.
            assumed_by=iam.ServicePrincipal(
                "codedeploy.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
            managed_policies=[policy],
        )

    def _arn(self, service: str, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service=service,
            resource=resource,
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
