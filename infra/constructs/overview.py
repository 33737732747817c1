"""The dashboard: one row per question that an operator asks first."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.constructs.alarms import Source, metric, of_function, of_ours, of_queue
from infra.names import Names

HALF = 12
FIVE_MINUTES = Duration.minutes(5)
ISSUING, POLLING, SWEEPING = "issue_barcodes", "poll_redemptions", "sweep_due"
SENDING, RECEIVING = "deliver_webhooks", "receive_callback"


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
                "Sign-ups and barcodes",
                _counted(names, ISSUING, "SignUps", "Issued", "Refused", "Unknown", "Quarantined"),
            ),
            _graph(
                "Provider calls, items per call, answers that no rate limiter learnt of",
                _counted(names, ISSUING, "Calls", "UnreportedAnswers")
                + _measured(names, ISSUING, "ItemsPerCall", statistic="Average"),
            ),
        )
        dashboard.add_widgets(
            _graph(
                "Longest wait of a customer",
                _measured(names, ISSUING, "LongestWaitSeconds", statistic="Maximum"),
            ),
            _graph(
                "Percent of sign-ups that no program matches, and of barcodes refused",
                _measured(names, ISSUING, "UnmatchedShare", "RefusedShare", statistic="Average"),
            ),
        )
        dashboard.add_widgets(
            _graph(
                "Redemptions",
                _counted(names, POLLING, "Polls", "Recorded", "Reversed"),
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
            _graph(
                "Calls refused by a breaker",
                _counted(names, ISSUING, "BreakerOpen")
                + _counted(names, POLLING, "BreakerOpen")
                + _counted(names, "audit_barcodes", "BreakerOpen"),
            ),
            _graph(
                "Needs an operator: barcodes, endpoints, accounts",
                _measured(
                    names,
                    SWEEPING,
                    "AmbiguousOpen",
                    "EndpointsDisabled",
                    "Braked",
                    statistic="Maximum",
                )
                + _measured(names, "schedule_polls", "AccountsPaused", statistic="Maximum"),
            ),
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
    source = of_ours(service, stage=names.stage)
    return [_shown(name, source=source, statistic=statistic) for name in metrics]


def _depth(queue: str, names: Names) -> cloudwatch.IMetric:
    source = of_queue(names.of(queue))
    return _shown("ApproximateNumberOfMessagesVisible", source=source, statistic="Maximum")


def _age(queue: str, names: Names) -> cloudwatch.IMetric:
    source = of_queue(names.of(queue))
    return _shown("ApproximateAgeOfOldestMessage", source=source, statistic="Maximum")


def _of(function: str, name: str, statistic: str, names: Names) -> cloudwatch.IMetric:
    return _shown(name, source=of_function(names.of(function)), statistic=statistic)


def _shown(name: str, *, source: Source, statistic: str) -> cloudwatch.IMetric:
    return metric(name, source=source, statistic=statistic, period=FIVE_MINUTES)
