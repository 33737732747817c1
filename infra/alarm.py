"""What an alarm is: a level or an event, and the rule by which CloudWatch rings it."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from aws_cdk.aws_cloudwatch import ComparisonOperator, TreatMissingData

MINUTE = 60
QUARTER_OF_AN_HOUR = 15 * MINUTE

type Statistic = Literal["Sum", "Maximum", "Minimum", "Average", "SampleCount"]


class Missing(Enum):
    """What a period without data says: all is well, nothing is, or nothing at all."""

    GOOD = TreatMissingData.NOT_BREACHING
    BAD = TreatMissingData.BREACHING
    UNKNOWN = TreatMissingData.IGNORE


class Compare(Enum):
    """How a value breaches the limit."""

    ABOVE = ComparisonOperator.GREATER_THAN_THRESHOLD
    AT_LEAST = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
    AT_MOST = ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Of the last `periods`, each `minutes` long, `breaching` must breach the limit."""

    statistic: Statistic
    limit: float = 0
    compare: Compare = Compare.ABOVE
    minutes: int = 5
    periods: int = 1
    breaching: int = 1
    missing: Missing = Missing.GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A metric, and when it rings; `word` ends the alarm's name, `runbook` names a section."""

    metric: str
    word: str
    why: str
    runbook: str
    rule: Rule


class Level(Alarm):
    """A state: its alarm rings while it lasts, and says when it is over."""


class Event(Alarm):
    """An occurrence: its alarm rings once, and says no end, as silence is no good news."""


HOUR_OF_FIVE_MINUTES = 12


def once(*, above: float = 0, hours: int = 1) -> Rule:
    """Return the rule of an event: more than `above` of them in five minutes.

    One that comes again within so many `hours`, 24 at most, does not ring again: a message that
    fails comes back.
    """
    return Rule(statistic="Sum", limit=above, periods=hours * HOUR_OF_FIVE_MINUTES)


def gauge(*, above: float = 0, periods: int = 1) -> Rule:
    """Return the rule of a level that is measured each minute: a lost minute changes nothing."""
    return Rule(
        statistic="Maximum", limit=above, minutes=1, periods=periods, missing=Missing.UNKNOWN
    )


def waiting(*, above: float) -> Rule:
    """Return the rule of a wait or a lag, in the unit of its metric."""
    return Rule(statistic="Maximum", limit=above)


def lasting(*, periods: int, breaching: int, minutes: int = 5) -> Rule:
    """Return the rule of what may happen now and then, but not in so many periods.

    Periods slide from minute to minute: what lasts for about as long as `breaching` of them is by
    turns in so many and in one fewer, and would ring each time. Periods of one minute slide by all
    of their length.
    """
    return Rule(statistic="Sum", minutes=minutes, periods=periods, breaching=breaching)


def hindered(*, metric: str, why: str, runbook: str) -> Level:
    """Return the level of calls that something hindered in ten minutes of twenty."""
    rule = lasting(minutes=1, periods=20, breaching=10)
    return Level(metric=metric, word=metric, why=why, runbook=runbook, rule=rule)


def silent(*, minutes: int, periods: int) -> Rule:
    """Return the rule of a heartbeat: nothing was written in all of the periods."""
    return Rule(
        statistic="SampleCount",
        compare=Compare.AT_MOST,
        minutes=minutes,
        periods=periods,
        breaching=periods,
        missing=Missing.BAD,
    )


def returning(*, each_seconds: int) -> Rule:
    """Return the rule of messages that fail again and again, and come back `each_seconds`.

    Three returns, or two where three take more than a quarter of an hour: what fails once rings
    nothing, what goes on failing rings before it is a dead letter. While it goes on, each window of
    this length has so many of them.
    """
    returns = 3 if 2 * each_seconds <= QUARTER_OF_AN_HOUR else 2
    return Rule(
        statistic="Sum",
        minutes=1,
        periods=returns * -(-each_seconds // MINUTE) + 1,
        breaching=returns,
    )
