"""The dashboard: one row per question that an operator asks first."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.constructs.alarms import function_metric, own_metric, queue_metric
from infra.names import Names

HALF = 12


class Overview(Construct):
    """Graphs of sign-ups, barcodes, redemptions, webhooks, queues and errors."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        names: Names,
        functions: tuple[str, ...],
        work_queues: tuple[str, ...],
        last_stops: tuple[str, ...],
    ) -> None:
        super().__init__(scope, id_)
        dashboard = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=names.base)
        dashboard.add_widgets(
            _graph("Barcodes", _issued("Issued", "Refused", "Unknown", "Quarantined")),
            _graph("Provider calls and items per call", _issued("Calls", "ItemsPerCall")),
        )
        dashboard.add_widgets(
            _graph("Redemptions", _polled("Polls", "Recorded", "Reversed")),
            _graph("Polling: lag and throttle level", _scheduled()),
        )
        dashboard.add_widgets(
            _graph("Webhooks", _delivered("Attempts", "Delivered", "FailedAttempts")),
            _graph("Webhooks exhausted or put off", _delivered("Exhausted", "Deferred", "Unsent")),
        )
        dashboard.add_widgets(
            _graph("Accepted over HTTP", _received("SignUpsReceived", "Repeated", "Hints")),
            _graph("Refused over HTTP", _received("RefusedForged", "RefusedInvalid")),
        )
        dashboard.add_widgets(
            _graph(
                "Waiting",
                [each(queue, names) for queue in work_queues for each in (_depth, _age)],
            ),
            _graph("Waiting for an operator", [_depth(queue, names) for queue in last_stops]),
        )
        dashboard.add_widgets(
            _graph("Errors", [_of(name, "Errors", "Sum", names) for name in functions]),
            _graph("Duration", [_of(name, "Duration", "p99", names) for name in functions]),
        )


def _graph(title: str, metrics: list[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=HALF)


def _issued(*names: str) -> list[cloudwatch.IMetric]:
    return [
        own_metric(
            name,
            service="issue_barcodes",
            statistic="Average" if name == "ItemsPerCall" else "Sum",
        )
        for name in names
    ]


def _polled(*names: str) -> list[cloudwatch.IMetric]:
    return [own_metric(name, service="poll_redemptions", statistic="Sum") for name in names]


def _delivered(*names: str) -> list[cloudwatch.IMetric]:
    return [own_metric(name, service="deliver_webhooks", statistic="Sum") for name in names]


def _received(*names: str) -> list[cloudwatch.IMetric]:
    return [own_metric(name, service="receive_callback", statistic="Sum") for name in names]


def _scheduled() -> list[cloudwatch.IMetric]:
    return [
        own_metric(name, service="schedule_polls", statistic="Maximum")
        for name in ("LagSeconds", "Throttled")
    ]


def _depth(queue: str, names: Names) -> cloudwatch.IMetric:
    return queue_metric("ApproximateNumberOfMessagesVisible", queue=names.of(queue))


def _age(queue: str, names: Names) -> cloudwatch.IMetric:
    return queue_metric("ApproximateAgeOfOldestMessage", queue=names.of(queue))


def _of(function: str, metric: str, statistic: str, names: Names) -> cloudwatch.IMetric:
    return function_metric(metric, function=names.of(function), statistic=statistic)
