"""The alarms for an operator (docs/reliability.md#alarms); the local stage has them if asked."""

from functools import partial
from itertools import chain

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra.constructs.alarms import Alarms
from infra.constructs.overview import Overview
from infra.declared import HttpTrigger
from infra.function_alarms import function_alarms, sign_ups_missing
from infra.functions import FUNCTIONS
from infra.queue_alarms import LAST_STOPS, WORK_QUEUES, queue_alarms
from infra.service_alarms import service_alarms
from infra.subscribers import subscribers


class Monitoring(Stack):
    """Alarms, and the topic that they notify.

    It refers to other stacks by physical names only, so that it never blocks one.
    """

    def __init__(self, scope: Construct, id_: str, *, stage: StageConfig, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
        topic = self._topic(stage, names)
        alarms = Alarms(self, "Alarms", topic=topic, names=names, paused=stage.paused)
        for watched in chain(
            function_alarms(stage, names),
            queue_alarms(stage, names),
            service_alarms(names, api_ids=self._api_ids(names)),
        ):
            alarms.add(watched)
        if stage.sign_ups_expected_within_hours is not None:
            alarms.add(sign_ups_missing(stage.sign_ups_expected_within_hours, names))
        CfnOutput(self, "AlarmTopicArn", value=topic.topic_arn)

    def show(self, *, names: Names) -> None:
        """Add the dashboard."""
        Overview(
            self,
            "Overview",
            names=names,
            functions=tuple(function.name for function in FUNCTIONS),
            work_queues=tuple(WORK_QUEUES),
            last_stops=tuple(LAST_STOPS),
        )

    def _api_ids(self, names: Names) -> dict[str, str]:
        """Return the ids of the HTTP APIs, which CloudFormation reads as it deploys this stack."""
        apis = [
            trigger.api
            for function in FUNCTIONS
            for trigger in function.triggers
            if isinstance(trigger, HttpTrigger)
        ]
        read = partial(ssm.StringParameter.value_for_string_parameter, self)
        return {api: read(names.api_id(api)) for api in apis}

    def _topic(self, stage: StageConfig, names: Names) -> sns.Topic:
        topic = sns.Topic(self, "Topic", topic_name=names.of("alarms"), enforce_ssl=True)
        # This policy replaces the default one, which had let CloudWatch in.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        undelivered = sqs.Queue.from_queue_arn(
            self, "Undelivered", self.format_arn(service="sqs", resource=names.of("undelivered"))
        )
        for each in subscribers(stage.alarm_to):
            sns.Subscription(
                self,
                each.address,
                topic=topic,
                protocol=each.protocol,
                endpoint=each.address,
                # Where it waits, an alarm rings, for the subscribers that can still be reached.
                dead_letter_queue=undelivered,
            )
        return topic
