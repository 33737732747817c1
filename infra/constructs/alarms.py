"""CloudWatch alarms that all notify one topic, and the metrics that they watch."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.names import PRODUCT, Names

FIVE_MINUTES = Duration.minutes(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The condition of an alarm: the metric is above `above`; `why` is for the operator."""

    id: str
    metric: cloudwatch.IMetric
    above: float
    why: str


class Alarms(Construct):
    """One alarm per condition; `topic` is notified when it starts and when it ends."""

    def __init__(self, scope: Construct, id_: str, *, topic: sns.ITopic, names: Names) -> None:
        super().__init__(scope, id_)
        self._action = actions.SnsAction(topic)
        self._names = names

    def when(self, condition: Condition) -> None:
        """Raise an alarm when the metric is above its limit; missing data raises none."""
        self._notify(
            cloudwatch.Alarm(
                self,
                condition.id,
                alarm_name=self._names.of(condition.id),
                alarm_description=condition.why,
                metric=condition.metric,
                threshold=condition.above,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=1,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
        )

    def when_silent(self, condition: Condition, *, periods: int) -> None:
        """Raise an alarm when the metric is at or below its limit, or missing, for `periods`."""
        self._notify(
            cloudwatch.Alarm(
                self,
                condition.id,
                alarm_name=self._names.of(condition.id),
                alarm_description=condition.why,
                metric=condition.metric,
                threshold=condition.above,
                comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
                evaluation_periods=periods,
                treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
            )
        )

    def _notify(self, alarm: cloudwatch.Alarm) -> None:
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)


def queue_metric(name: str, *, queue: str) -> cloudwatch.Metric:
    """Return the highest value that SQS reported in five minutes."""
    return cloudwatch.Metric(
        namespace="AWS/SQS",
        metric_name=name,
        dimensions_map={"QueueName": queue},
        statistic="Maximum",
        period=FIVE_MINUTES,
    )


def function_metric(name: str, *, function: str, statistic: str) -> cloudwatch.Metric:
    """Return what Lambda itself reports about a function."""
    return cloudwatch.Metric(
        namespace="AWS/Lambda",
        metric_name=name,
        dimensions_map={"FunctionName": function},
        statistic=statistic,
        period=FIVE_MINUTES,
    )


def own_metric(
    name: str, *, service: str, stage: str, statistic: str, period: Duration = FIVE_MINUTES
) -> cloudwatch.Metric:
    """Return what a function of this stage logged (embedded metric format)."""
    return cloudwatch.Metric(
        namespace=PRODUCT,
        metric_name=name,
        dimensions_map={"stage": stage, "service": service},
        statistic=statistic,
        period=period,
    )
