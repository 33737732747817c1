"""The alarms for an operator (docs/reliability.md#alarms); the local stage has them if asked."""

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.alarms import (
    Alarms,
    Condition,
    function_metric,
    own_metric,
    queue_metric,
)
from infra.constructs.overview import Overview
from infra.declared import CountAlarm, Function, FunctionAlarm, LagAlarm, StreamAlarm, TickAlarm
from infra.functions import FUNCTIONS
from infra.names import Names

QUARTER_OF_AN_HOUR_S = 15 * 60
HOUR_MS = 60 * 60 * 1000
MISSED_TICKS = 3

# Messages in these queues wait for an operator.
LAST_STOPS = {
    "signups-dead": "Sign-ups failed too often: read the logs, fix the cause, redrive",
    "polls-dead": "Commands about watches failed too often: fix the cause, redrive",
    "notifications-dead": "Events were not fanned out: fix the cause, redrive; none is sent twice",
    "deliveries-dead": "Hints failed too often; the ledger has the deliveries: find the cause",
    "redeliveries-dead": "Hints failed too often; the sweeper repeats them: find the cause",
    "quarantine": "Messages were invalid: their producer must correct them",
    "unidentified": "No sign-up id was found in messages: fix their sender, couponbus redrive",
    "undelivered": "A rule or a schedule could not deliver; no function reads these messages",
    "unpublished": "Stream records were given up; the sweeper publishes them: find the cause",
}
WORK_QUEUES = {
    "signups": "Sign-ups wait for more than 15 minutes: Coniq, its rate limit or our function",
    "polls": "Polls wait for more than 15 minutes: a provider, its rate limit or our function",
    "notifications": "Events wait for more than 15 minutes for fan-out: check fan_out_webhooks",
    "deliveries": "First attempts wait for more than 15 minutes: more endpoints hang than usual",
    "redeliveries": "Repeated attempts wait for more than 15 minutes: many endpoints hang",
}


class Monitoring(Stack):
    """Alarms, and the topic that they notify.

    It refers to other stacks by physical names only, so it is deployed and removed by itself.
    """

    def __init__(self, scope: Construct, id_: str, *, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
        topic = self._topic(names)
        alarms = Alarms(self, "Alarms", topic=topic, names=names)
        _watch_queues(alarms, names)
        for function in FUNCTIONS:
            _watch_function(function, alarms, names)
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

    def _topic(self, names: Names) -> sns.Topic:
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
        return topic


def _watch_queues(alarms: Alarms, names: Names) -> None:
    for queue, why in LAST_STOPS.items():
        metric = queue_metric("ApproximateNumberOfMessagesVisible", queue=names.of(queue))
        alarms.when(Condition(id=f"{queue}-not-empty", metric=metric, above=0, why=why))
    for queue, why in WORK_QUEUES.items():
        metric = queue_metric("ApproximateAgeOfOldestMessage", queue=names.of(queue))
        alarms.when(
            Condition(id=f"{queue}-old", metric=metric, above=QUARTER_OF_AN_HOUR_S, why=why)
        )


def _watch_function(function: Function, alarms: Alarms, names: Names) -> None:
    for metric in ("Errors", "Throttles"):
        alarms.when(
            Condition(
                id=f"{function.name}-{metric.lower()}",
                metric=function_metric(metric, function=names.of(function.name), statistic="Sum"),
                above=0,
                why=f"{metric} of {function.name}: see its log group",
            )
        )
    for alarm in function.alarms:
        _watch(function.name, alarm, alarms, names)


def _watch(function: str, alarm: FunctionAlarm, alarms: Alarms, names: Names) -> None:
    match alarm:
        case CountAlarm():
            id_, above = alarm.metric, alarm.above
            metric = own_metric(alarm.metric, service=function, stage=names.stage, statistic="Sum")
        case LagAlarm():
            id_, above = "behind", QUARTER_OF_AN_HOUR_S
            metric = own_metric(
                alarm.metric, service=function, stage=names.stage, statistic="Maximum"
            )
        case StreamAlarm():
            id_, above = "behind", HOUR_MS
            metric = function_metric(
                "IteratorAge", function=names.of(function), statistic="Maximum"
            )
        case TickAlarm():
            _watch_ticks(function, alarm, alarms, names)
            return
    alarms.when(Condition(id=f"{function}-{id_}", metric=metric, above=above, why=alarm.why))


def _watch_ticks(function: str, alarm: TickAlarm, alarms: Alarms, names: Names) -> None:
    metric = own_metric(
        alarm.metric,
        service=function,
        stage=names.stage,
        statistic="SampleCount",
        period=Duration.minutes(1),
    )
    alarms.when_silent(
        Condition(id=f"{function}-missing", metric=metric, above=0, why=alarm.why),
        periods=MISSED_TICKS,
    )
