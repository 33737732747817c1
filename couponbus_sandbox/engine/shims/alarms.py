"""Alarms that are evaluated once a minute, by their own dimensions, periods and missing data."""

import threading
import time
from collections.abc import Mapping
from typing import cast

from ministack.services import cloudwatch

from couponbus_sandbox.engine.alarm_state import MINUTE, State, state_of, windows
from couponbus_sandbox.engine.shims import queue_metrics
from couponbus_sandbox.engine.shims.moved_time import present

type Alarm = dict[str, object]
type Point = Mapping[str, float]

LOOK_SECONDS = 0.2


def install() -> None:
    """Evaluate by the clock alone: MiniStack does so only when PutMetricData is called."""
    cloudwatch._evaluate_alarm = lambda _alarm: None
    threading.Thread(target=_each_minute, daemon=True).start()


def _each_minute() -> None:
    done = present() // MINUTE
    while True:
        time.sleep(LOOK_SECONDS)
        minute = present() // MINUTE
        if minute != done:
            done = minute
            _evaluate_all(minute * MINUTE)


def _evaluate_all(now: float) -> None:
    try:
        queue_metrics.measure()
        for alarm in cloudwatch._alarms.values():
            if not _is_too_new(alarm, now):
                _evaluate(alarm, now)
    except Exception:  # the thread goes on: an alarm may be deleted meanwhile
        cloudwatch.logger.exception("alarms were not evaluated")


def _is_too_new(alarm: Alarm, now: float) -> bool:
    """Return whether silence means nothing yet: AWS has alarms on silence ring at their birth."""
    covered = int(str(alarm["Period"])) * int(str(alarm["EvaluationPeriods"]))
    born = float(str(alarm["AlarmConfigurationUpdatedTimestamp"]))
    return alarm["TreatMissingData"] == "breaching" and now - born < covered


def _evaluate(alarm: Alarm, now: float) -> None:
    before = cast(State, alarm["StateValue"])
    periods = int(str(alarm["EvaluationPeriods"]))
    values = _values(alarm, periods, now)
    state = state_of(
        values,
        comparison=str(alarm["ComparisonOperator"]),
        threshold=float(str(alarm["Threshold"])),
        missing=str(alarm["TreatMissingData"]),
        needed=int(str(alarm.get("DatapointsToAlarm") or periods)),
        before=before,
    )
    if state == before:
        return
    reason = f"Threshold Crossed: {values} {alarm['ComparisonOperator']} {alarm['Threshold']}"
    # The topic comes first: a reader of the new state may look for its message at once.
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    alarm |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": int(present())}
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _values(alarm: Alarm, periods: int, now: float) -> list[float | None]:
    """Return the statistic of each of the last periods, the newest first."""
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm["Dimensions"]))
    key = (alarm["Namespace"], alarm["MetricName"], dimensions)
    read = list(windows(period=int(str(alarm["Period"])), count=periods, now=now))
    unit, oldest = alarm.get("Unit"), read[-1][0]
    points: list[Point] = [
        point
        for point in list(cloudwatch._metrics.get(key, ()))
        if point["Timestamp"] >= oldest and unit in (None, point["Unit"])
    ]
    return [
        _statistic(alarm, [point for point in points if begin <= point["Timestamp"] < end])
        for begin, end in read
    ]


def _statistic(alarm: Alarm, points: list[Point]) -> float | None:
    if not points:
        return None
    name = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    value: float | None = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)
    return value
