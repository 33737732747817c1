"""The state of an alarm by CloudWatch's rules: its periods, and what missing data counts as."""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

type State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
MISSING: Mapping[str, bool | None] = {"breaching": True, "notBreaching": False}
MINUTE = 60


def windows(*, period: int, count: int, now: float) -> Iterator[tuple[float, float]]:
    """Yield begin and end of the last periods; the newest ended with the last whole minute."""
    end = now // MINUTE * MINUTE
    for number in range(count):
        yield end - (number + 1) * period, end - number * period


def state_of(
    values: Sequence[float | None],
    *,
    comparison: str,
    threshold: float,
    missing: str,
    needed: int,
    before: State,
) -> State:
    """Return the state after the last periods' values; a period without data has None.

    `needed` periods must breach; `missing` is the template's TreatMissingData.
    """
    compare = COMPARISONS[comparison]
    known = [value for value in values if value is not None]
    verdicts = [compare(value, threshold) for value in known]
    filled = MISSING.get(missing)
    if filled is not None:
        verdicts += [filled] * (len(values) - len(known))
    if not verdicts:
        return before if missing == "ignore" else "INSUFFICIENT_DATA"
    return "ALARM" if sum(verdicts) >= min(needed, len(verdicts)) else "OK"
