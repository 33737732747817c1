"""CloudWatch's rules: from the datapoints of a metric to the state of an alarm.

Read in AWS's documentation ("Alarm evaluation", "Configuring how CloudWatch alarms treat missing
data"); its tables of examples are the cases of `test_evaluation.py`. Nothing was run on AWS.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from tests.incidents.alarm import Alarm, Missing
from tests.incidents.datapoints import Datapoints, Minute, Values

# More periods than are evaluated are read, so that late data counts: two more in each example of
# the documentation, which does not say how many they are in general.
READ_BESIDE = 2
HOUR = 60
# "Alarms that evaluate metrics in the AWS/DynamoDB namespace always ignore missing data."
ALWAYS_IGNORES = "AWS/DynamoDB"

# Whether a period breached the threshold; None has no datapoint.
type Breach = bool | None


class State(StrEnum):
    """The state of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


STATISTICS: Mapping[str, Callable[[Values], float]] = {
    "SampleCount": len,
    "Sum": sum,
    "Minimum": min,
    "Maximum": max,
    "Average": lambda values: sum(values) / len(values),
}
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "LessThanThreshold": lambda value, limit: value < limit,
    "LessThanOrEqualToThreshold": lambda value, limit: value <= limit,
}


def is_evaluated_at(alarm: Alarm, minute: Minute) -> bool:
    """Return whether it is evaluated then: each minute, or each hour if it looks back for days."""
    return not alarm.is_multi_day or minute % HOUR == 0


def begins_of(alarm: Alarm, *, at: Minute) -> range:
    """Return where the periods begin that are read at the end of minute `at - 1`, oldest first.

    The last one ends then, and not at a multiple of its length.
    """
    reach = alarm.period * (alarm.periods + READ_BESIDE)
    return range(at - reach, at, alarm.period)


def breach_in(
    alarm: Alarm, datapoints: Datapoints, *, begin: Minute, began: Minute | None = None
) -> Breach:
    """Return whether a period breaches; one without data from before `began` does not."""
    values = datapoints.between(alarm.metric, begin, begin + alarm.period)
    if alarm.unit is not None and datapoints.units.get(alarm.metric) != {alarm.unit}:
        values = []
    if not values:
        return False if began is not None and begin < began else None
    value = STATISTICS[alarm.statistic](values)
    return COMPARISONS[alarm.comparison](value, alarm.threshold)


def breaches(alarm: Alarm, datapoints: Datapoints, *, at: Minute) -> list[Breach]:
    """Return all periods that are read then, the oldest first."""
    return [breach_in(alarm, datapoints, begin=begin) for begin in begins_of(alarm, at=at)]


def state_of(alarm: Alarm, periods: Sequence[Breach], *, before: State) -> State:
    """Return the state after these periods, the oldest first."""
    present = [one for one in periods if one is not None]
    lacking = alarm.periods - len(present)
    if lacking <= 0:  # then nothing is filled in, whatever the alarm says of missing data
        return _judged(present[-alarm.periods :], alarm)
    match _missing(alarm):
        case Missing.BREACHING:
            return _judged([*present, *[True] * lacking], alarm)
        case Missing.NOT_BREACHING:
            return _judged([*present, *[False] * lacking], alarm)
        case Missing.MISSING if not present:
            return State.INSUFFICIENT_DATA
        case Missing.MISSING if all(present):
            return State.ALARM if _is_old_enough(periods, alarm) else before
    return before if all(present) else _judged(present, alarm)


def _missing(alarm: Alarm) -> Missing:
    return Missing.IGNORE if alarm.metric.namespace == ALWAYS_IGNORES else alarm.missing


def _judged(periods: Sequence[bool], alarm: Alarm) -> State:
    return State.ALARM if sum(periods) >= alarm.to_alarm else State.OK


def _is_old_enough(periods: Sequence[Breach], alarm: Alarm) -> bool:
    """Whether the oldest breach is at least as old as the number of datapoints to alarm."""
    return len(periods) - periods.index(True) >= alarm.to_alarm
