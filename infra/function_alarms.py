"""The alarms of each function: those that it declares, and those that follow from its triggers."""

from collections.abc import Iterator

from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra.alarm import Alarm, Event, Level, Rule, lasting, once, returning, silent, waiting
from infra.constructs.alarms import Source, Watched, of_function, of_ours
from infra.declared import (
    Function,
    QueueTrigger,
    ScheduleTrigger,
    StreamTrigger,
    event,
)
from infra.functions import FUNCTIONS
from infra.stacks.messaging import visibility_of

HOUR_MS = 60 * 60 * 1000
# Lambda repeats what failed of a stream, at intervals that AWS does not name.
STREAM_RETURNS_S = 5 * 60


def function_alarms(stage: StageConfig, names: Names) -> Iterator[Watched]:
    """Yield the alarms of all functions."""
    for function in FUNCTIONS:
        lambdas = of_function(names.of(function.name))
        ours = of_ours(function.name, names=names)
        yield from _named(function, lambdas, _measured_by_lambda(function))
        yield from _named(function, ours, (*function.alarms, *_returned(function, stage)))


def sign_ups_missing(hours: int, names: Names) -> Watched:
    """Return the alarm of a stage that expects a sign-up at least each so many hours."""
    alarm = Level(
        metric="SignUps",
        word="sign-ups-missing",
        why=f"No sign-up came for {hours} hours, and this stage expects them",
        runbook="sign-ups-missing",
        rule=silent(minutes=60, periods=hours),
    )
    source = of_ours("issue_barcodes", names=names)
    return Watched(subject="issue_barcodes", alarm=alarm, source=source)


def _named(
    function: Function, source: Source, alarms: Iterator[Alarm] | tuple[Alarm, ...]
) -> Iterator[Watched]:
    for alarm in alarms:
        yield Watched(subject=function.name, alarm=alarm, source=source)


def _measured_by_lambda(function: Function) -> Iterator[Alarm]:
    """Yield what Lambda knows, also of an invocation that never came to write a metric."""
    yield Event(
        metric="Errors",
        word="errors",
        why=f"{function.name} raised an error or ran out of time or memory: see its log group",
        runbook="errors",
        rule=once(),
    )
    yield Level(
        metric="Throttles",
        word="throttles",
        why=f"{function.name} is not started as often as it should be",
        runbook="throttles",
        rule=lasting(periods=3, breaching=1),
    )
    if function.slow_from is not None:
        yield _slow(function, share=function.slow_from)
    if _has(function, StreamTrigger):
        yield Level(
            metric="IteratorAge",
            word="behind",
            why="Publishing is an hour behind; the stream keeps records for 24 hours",
            runbook="behind",
            rule=waiting(above=HOUR_MS),
        )
    yield from _lost_by_lambda(function)


def _slow(function: Function, *, share: float) -> Level:
    limit = function.timeout_seconds * 1000 * share
    return Level(
        metric="Duration",
        word="slow",
        why=f"{function.name} takes more than {share:.0%} of the time that it may",
        runbook="slow",
        rule=Rule(statistic="Maximum", limit=limit, periods=3, breaching=3),
    )


def _lost_by_lambda(function: Function) -> Iterator[Event]:
    if _has(function, ScheduleTrigger):
        yield Event(
            metric="AsyncEventsDropped",
            word="AsyncEventsDropped",
            why=f"Lambda gave up a tick of {function.name}",
            runbook="ticks-lost",
            rule=once(),
        )
    if _has(function, ScheduleTrigger) or _has(function, StreamTrigger):
        yield Event(
            metric="DestinationDeliveryFailures",
            word="DestinationDeliveryFailures",
            why=f"What Lambda gave up of {function.name} could not even be put into a queue",
            runbook="ticks-lost",
            rule=once(),
        )


def _returned(function: Function, stage: StageConfig) -> Iterator[Alarm]:
    """Yield the alarms of failures that are returned, of which Lambda's `Errors` knows nothing."""
    returns = [_comes_back(trigger, stage) for trigger in function.triggers]
    longest = max((seconds for seconds in returns if seconds is not None), default=None)
    if longest is not None:
        yield Level(
            metric="Failed",
            word="Failed",
            why=f"What {function.name} was given fails again and again: the log says why",
            runbook="failed",
            rule=returning(each_seconds=longest),
        )
        yield event(
            "UnexpectedErrors",
            why=f"{function.name} met an error of ours: the log has its class",
        )


def _comes_back(trigger: object, stage: StageConfig) -> int | None:
    match trigger:
        case QueueTrigger():
            return int(visibility_of(trigger.queue, stage=stage).to_seconds())
        case StreamTrigger():
            return STREAM_RETURNS_S
    return None


def _has(function: Function, kind: type) -> bool:
    return any(isinstance(trigger, kind) for trigger in function.triggers)
