"""CloudWatch alarms that all notify one topic, and the metrics that they watch."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from couponbus_config.names import Names
from infra.alarm import Alarm, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where metrics come from: a namespace, and the dimensions that tell one source's apart."""

    namespace: str
    dimensions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An alarm on a metric of `source`; its name begins with that of `subject`."""

    subject: str
    alarm: Alarm
    source: Source

    @property
    def id(self) -> str:
        """Return the name without the stage."""
        return f"{self.subject}-{self.alarm.word}"


class Alarms(Construct):
    """Alarms that notify `topic` when they start, and those of a level also when they end."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        topic: sns.ITopic,
        names: Names,
        paused: Collection[str] = (),
    ) -> None:
        """Let each alarm say what is `paused` in this stage: what waits for it rings rightly."""
        super().__init__(scope, id_)
        self._action = actions.SnsAction(topic)
        self._names = names
        self._paused = f" Paused in this stage: {', '.join(sorted(paused))}." if paused else ""

    def add(self, watched: Watched) -> None:
        """Add one; its description is what an operator reads."""
        alarm, rule = watched.alarm, watched.alarm.rule
        made = cloudwatch.Alarm(
            self,
            watched.id,
            alarm_name=self._names.of(watched.id),
            alarm_description=f"{alarm.why}.{self._paused} runbook: {alarm.runbook}",
            metric=metric(
                alarm.metric,
                source=watched.source,
                statistic=rule.statistic,
                period=Duration.minutes(rule.minutes),
            ),
            threshold=rule.limit,
            comparison_operator=rule.compare.value,
            evaluation_periods=rule.periods,
            datapoints_to_alarm=rule.breaching,
            treat_missing_data=rule.missing.value,
        )
        made.add_alarm_action(self._action)
        if isinstance(alarm, Level):
            made.add_ok_action(self._action)


def metric(name: str, *, source: Source, statistic: str, period: Duration) -> cloudwatch.Metric:
    """Return a metric of a source."""
    return cloudwatch.Metric(
        namespace=source.namespace,
        metric_name=name,
        dimensions_map=source.dimensions,
        statistic=statistic,
        period=period,
    )


def of_queue(queue: str) -> Source:
    """Return what SQS reports about a queue."""
    return Source(namespace="AWS/SQS", dimensions={"QueueName": queue})


def of_function(function: str) -> Source:
    """Return what Lambda itself reports about a function."""
    return Source(namespace="AWS/Lambda", dimensions={"FunctionName": function})


def of_ours(function: str, *, names: Names) -> Source:
    """Return what a function of this stage logs (embedded metric format)."""
    return Source(namespace=names.metrics, dimensions={"stage": names.stage, "service": function})
