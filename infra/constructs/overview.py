"""The dashboard: one row per question that an operator asks first."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.constructs.alarms import function_metric, own_metric, queue_metric
from infra.names import Names

HALF = 12
ISSUING, SENDING, RECEIVING = "issue_barcodes", "deliver_webhooks", "receive_callback"


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
            _graph(
                "Barcodes",
                _counted(names, ISSUING, "Issued", "Refused", "Unknown", "Quarantined"),
            ),
            _graph(
                "Provider calls and items per call",
                _counted(names, ISSUING, "Calls")
                + _measured(names, ISSUING, "ItemsPerCall", statistic="Average"),
            ),
        )
        dashboard.add_widgets(
            _graph(
                "Redemptions",
                _counted(names, "poll_redemptions", "Polls", "Recorded", "Reversed"),
            ),
            _graph(
                "Polling: lag and throttle level",
                _measured(names, "schedule_polls", "LagSeconds", "Throttled", statistic="Maximum"),
            ),
        )
        dashboard.add_widgets(
            _graph("Webhooks", _counted(names, SENDING, "Attempts", "Delivered", "FailedAttempts")),
            _graph(
                "Webhooks exhausted or put off",
                _counted(names, SENDING, "Exhausted", "Deferred", "Unsent"),
            ),
        )
        dashboard.add_widgets(
            _graph(
                "Accepted over HTTP",
                _counted(names, RECEIVING, "SignUpsReceived", "Repeated", "Hints"),
            ),
            _graph(
                "Refused over HTTP",
                _counted(names, RECEIVING, "RefusedForged", "RefusedInvalid"),
            ),
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


def _counted(names: Names, service: str, *metrics: str) -> list[cloudwatch.IMetric]:
    return _measured(names, service, *metrics, statistic="Sum")


def _measured(
    names: Names, service: str, *metrics: str, statistic: str
) -> list[cloudwatch.IMetric]:
    return [
        own_metric(metric, service=service, stage=names.stage, statistic=statistic)
        for metric in metrics
    ]


def _depth(queue: str, names: Names) -> cloudwatch.IMetric:
    return queue_metric("ApproximateNumberOfMessagesVisible", queue=names.of(queue))


def _age(queue: str, names: Names) -> cloudwatch.IMetric:
    return queue_metric("ApproximateAgeOfOldestMessage", queue=names.of(queue))


def _of(function: str, metric: str, statistic: str, names: Names) -> cloudwatch.IMetric:
    return function_metric(metric, function=names.of(function), statistic=statistic)
