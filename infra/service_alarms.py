"""The alarms of what AWS does between our functions: table, rule, schedules, HTTP API."""

from collections.abc import Iterator, Mapping

from couponbus_config.names import Names
from infra.alarm import Alarm, Event, Level, Rule, once
from infra.constructs.alarms import Source, Watched

# What the ledger is asked for: a throttled write of an index counts with the table's.
THROTTLED = {
    "queries": "Query",
    "puts": "PutItem",
    "statements": "BatchExecuteStatement",
    "updates": "UpdateItem",
    "transactions": "TransactWriteItems",
}
MOST_TRIES_OF_A_TICK = 4
SERVER_ERRORS = 5


def service_alarms(names: Names, *, api_ids: Mapping[str, str]) -> Iterator[Watched]:
    """Yield the alarms of the services; `api_ids` are those of the HTTP APIs, by name."""
    yield from _ledger(names)
    rule = {"EventBusName": names.base, "RuleName": names.of("sign-ups")}
    for alarm in _rule():
        source = Source(namespace="AWS/Events", dimensions=rule)
        yield Watched(subject="sign-ups", alarm=alarm, source=source)
    schedules = Source(namespace="AWS/Scheduler", dimensions={"ScheduleGroup": names.base})
    yield Watched(subject="schedules", alarm=_ticks_refused(), source=schedules)
    for name, api_id in api_ids.items():
        api = Source(namespace="AWS/ApiGateway", dimensions={"ApiId": api_id})
        yield Watched(subject=name, alarm=_server_errors(), source=api)


def _ledger(names: Names) -> Iterator[Watched]:
    table = {"TableName": names.base}
    yield _throttled("ReadThrottleEvents", of="reads", dimensions=table)
    # A batch of statements counts as throttled below only when each of them is.
    yield _throttled("WriteThrottleEvents", of="writes", dimensions=table)
    for of, operation in THROTTLED.items():
        yield _throttled("ThrottledRequests", of=of, dimensions={**table, "Operation": operation})


def _throttled(metric: str, *, of: str, dimensions: dict[str, str]) -> Watched:
    alarm = Event(
        metric=metric,
        word=f"{of}-throttled",
        why=f"DynamoDB throttles {of} of the ledger",
        runbook="ledger-throttled",
        rule=once(),
    )
    source = Source(namespace="AWS/DynamoDB", dimensions=dimensions)
    return Watched(subject="ledger", alarm=alarm, source=source)


def _rule() -> Iterator[Alarm]:
    yield Event(
        metric="FailedInvocations",
        word="FailedInvocations",
        why="The rule could not put sign-ups into their queue, and does not try again",
        runbook="rule-failed",
        rule=once(),
    )
    yield Event(
        metric="InvocationsFailedToBeSentToDlq",
        word="InvocationsFailedToBeSentToDlq",
        why="Sign-ups were lost: neither their queue nor undelivered took them",
        runbook="rule-failed",
        rule=once(),
    )


def _ticks_refused() -> Level:
    return Level(
        metric="TargetErrorCount",
        word="TargetErrorCount",
        why="Functions are not started by their schedules, though these try again",
        runbook="ticks-lost",
        # A tick is tried four times: a single one that succeeds at last rings nothing.
        rule=Rule(statistic="Sum", limit=MOST_TRIES_OF_A_TICK - 1, minutes=15),
    )


def _server_errors() -> Level:
    return Level(
        metric="5xx",
        word="5xx",
        why="Requests over HTTP are answered with a server error",
        runbook="http-failing",
        rule=Rule(statistic="Sum", limit=SERVER_ERRORS, periods=3, breaching=2),
    )
