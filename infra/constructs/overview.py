"""The dashboard: one graph for each question that an operator asks first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import batched

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from couponbus_config.names import Names
from infra.alarm import Statistic
from infra.constructs.alarms import Source, metric, of_function, of_ours, of_queue

FULL, HALF = 24, 12
FIVE_MINUTES = Duration.minutes(5)


@dataclass(frozen=True, slots=True)
class Curves:
    """Metrics that a function of ours writes."""

    service: str
    metrics: tuple[str, ...]
    statistic: Statistic = "Sum"


GRAPHS: Mapping[str, tuple[Curves, ...]] = {
    "Sign-ups and barcodes": (
        Curves("issue_barcodes", ("SignUps", "Issued", "Refused", "Unknown", "Quarantined")),
    ),
    "Provider calls, items per call, answers that no rate limiter learnt of": (
        Curves("issue_barcodes", ("Calls", "UnreportedAnswers")),
        Curves("issue_barcodes", ("ItemsPerCall",), "Average"),
    ),
    "Longest wait of a customer": (Curves("issue_barcodes", ("LongestWaitSeconds",), "Maximum"),),
    "Percent of sign-ups that no program matches, and of barcodes refused": (
        Curves("issue_barcodes", ("UnmatchedShare", "RefusedShare"), "Average"),
    ),
    "Calls that a breaker refused, or that a provider asked to wait with": (
        Curves("issue_barcodes", ("BreakerOpen",)),
        Curves("poll_redemptions", ("BreakerOpen", "AskedToWait")),
        Curves("audit_barcodes", ("BreakerOpen",)),
    ),
    "Open for an operator": (
        Curves("sweep_due", ("AmbiguousOpen", "EndpointsDisabled", "Braked"), "Maximum"),
        Curves("schedule_polls", ("AccountsPaused",), "Maximum"),
    ),
    "Redemptions": (Curves("poll_redemptions", ("Polls", "Recorded", "Reversed")),),
    "Polling: lag and throttle level": (
        Curves("schedule_polls", ("LagSeconds", "Throttled"), "Maximum"),
    ),
    "Webhooks": (Curves("deliver_webhooks", ("Attempts", "Delivered", "FailedAttempts")),),
    "Webhooks exhausted or put off": (
        Curves("deliver_webhooks", ("Exhausted", "Deferred", "Unsent")),
    ),
    "Accepted over HTTP": (Curves("receive_callback", ("SignUpsReceived", "Repeated", "Hints")),),
    "Refused over HTTP": (Curves("receive_callback", ("RefusedForged", "RefusedInvalid")),),
}


class Overview(Construct):
    """Graphs of what our functions count, of the queues, and of what Lambda counts."""

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
        ours = [_graph(title, _ours(curves, names)) for title, curves in GRAPHS.items()]
        waiting = [of(queue, names) for queue in work_queues for of in (_depth, _age)]
        letters = [_depth(queue, names) for queue in last_stops]
        errors = [_lambdas(name, "Errors", "Sum", names) for name in functions]
        durations = [_lambdas(name, "Duration", "p99", names) for name in functions]
        graphs = [
            *ours,
            _graph("Waiting for a function", waiting),
            _graph("Letters: waiting for an operator", letters),
            _graph("Errors", errors),
            _graph("Duration", durations),
        ]
        for row in batched(graphs, FULL // HALF, strict=True):
            dashboard.add_widgets(*row)


def _graph(title: str, metrics: Iterable[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=HALF)


def _ours(curves: Iterable[Curves], names: Names) -> Iterator[cloudwatch.IMetric]:
    for each in curves:
        source = of_ours(each.service, names=names)
        for name in each.metrics:
            yield _shown(name, source=source, statistic=each.statistic)


def _depth(queue: str, names: Names) -> cloudwatch.IMetric:
    source = of_queue(names.of(queue))
    return _shown("ApproximateNumberOfMessagesVisible", source=source, statistic="Maximum")


def _age(queue: str, names: Names) -> cloudwatch.IMetric:
    source = of_queue(names.of(queue))
    return _shown("ApproximateAgeOfOldestMessage", source=source, statistic="Maximum")


def _lambdas(function: str, name: str, statistic: str, names: Names) -> cloudwatch.IMetric:
    return _shown(name, source=of_function(names.of(function)), statistic=statistic)


def _shown(name: str, *, source: Source, statistic: str) -> cloudwatch.IMetric:
    return metric(name, source=source, statistic=statistic, period=FIVE_MINUTES)
