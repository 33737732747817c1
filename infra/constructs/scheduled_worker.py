"""A function that a schedule starts."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from couponbus_config.stage import StageConfig
from infra.constructs.python_function import Platform, PythonFunction
from infra.encryption import use_key


class ScheduledWorker(Construct):
    """A schedule on a worker's alias; a late tick is dropped, as the next one does its work.

    The scheduler invokes asynchronously, so a tick can be lost in two places: both report it to
    `undelivered`, to which the worker itself must be permitted to send.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        worker: PythonFunction,
        platform: Platform,
        group: scheduler.CfnScheduleGroup,
        expression: str,
        max_age: Duration,
        undelivered: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id_)
        worker.alias.configure_async_invoke(
            retry_attempts=0,
            max_event_age=max_age,
            on_failure=destinations.SqsDestination(undelivered),
        )
        self.schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            name=platform.names.of(worker.folder),
            group_name=group.ref,
            schedule_expression=expression,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=worker.alias.function_arn,
                role_arn=self._role(worker, group, undelivered, platform.stage).role_arn,
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=undelivered.queue_arn
                ),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=max_age.to_seconds(), maximum_retry_attempts=3
                ),
            ),
        )

    def _role(
        self,
        worker: PythonFunction,
        group: scheduler.CfnScheduleGroup,
        undelivered: sqs.IQueue,
        stage: StageConfig,
    ) -> iam.Role:
        statements = [
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"], resources=[worker.alias.function_arn]
            ),
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[undelivered.queue_arn]),
        ]
        policy = iam.ManagedPolicy(
            self, "Policy", statements=[*statements, *use_key(stage, statements)]
        )
        return iam.Role(
            self,
            "Role",
            # Without the conditions a schedule of another account could use the role.
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={
                    "StringEquals": {
                        "aws:SourceAccount": Stack.of(self).account,
                        "aws:SourceArn": group.attr_arn,
                    }
                },
            ),
            managed_policies=[policy],
        )
