"""The demo detects each way in which couponbus could break its promises about redemptions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console

from couponbus_sandbox.demo.part import of_the_week
from couponbus_sandbox.demo.till import Use
from couponbus_sandbox.demo.week_checks import delays, week_checked
from couponbus_sandbox.demo.week_facts import Recorded, WeekFacts
from tests.sandbox.demo.week_facts import BEGAN, CHANGED, PLAIN, REVERSED, USES, WEEK


def broken(facts: WeekFacts) -> Mapping[str, int]:
    return {check.promise: check.broken for check in week_checked(facts) if check.broken}


def recorded(**changes: Sequence[Recorded]) -> Mapping[str, Sequence[Recorded]]:
    """Return the records with some of them replaced; a name without records is left out."""
    kept = {**WEEK.recorded, **changes}
    return {name: rows for name, rows in kept.items() if rows}


def published(kind: str, **changes: Counter[str]) -> Mapping[str, Mapping[str, Counter[str]]]:
    kept = {**WEEK.published[kind], **changes}
    return {**WEEK.published, kind: {name: ids for name, ids in kept.items() if ids}}


def at(seen: timedelta) -> Recorded:
    return Recorded(seen_at=USES[PLAIN].at + seen, is_inferred=False)


def test_no_promise_is_broken_when_all_is_well() -> None:
    assert broken(WEEK) == {}


@pytest.mark.parametrize(
    ("promise", "facts"),
    [
        (
            "each redemption is recorded",
            replace(WEEK, recorded=recorded(**{PLAIN: ()})),
        ),
        (
            "none is recorded twice, nor what never happened",
            replace(WEEK, recorded=recorded(**{PLAIN: (at(timedelta(hours=1)),) * 2})),
        ),
        (
            "none is recorded twice, nor what never happened",
            replace(WEEK, recorded=recorded(stranger=(at(timedelta(0)),))),
        ),
        (
            "none is recorded twice, nor what never happened",
            replace(WEEK, published=published("RedemptionRecorded", **{PLAIN: Counter(a=1, b=1)})),
        ),
        (
            "each is published",
            replace(WEEK, published=published("RedemptionRecorded", **{PLAIN: Counter()})),
        ),
        (
            "each is published",
            replace(WEEK, published=published("RedemptionRecorded", stranger=Counter(a=1))),
        ),
        (
            "each change of a value is published once",
            replace(WEEK, published=published("RedemptionUpdated", **{CHANGED: Counter()})),
        ),
        (
            "each change of a value is published once",
            replace(WEEK, published=published("RedemptionUpdated", **{PLAIN: Counter(a=1)})),
        ),
        (
            "each reversal is published once, and nothing else as one",
            replace(
                WEEK, published=published("RedemptionReversed", **{REVERSED: Counter(a=1, b=1)})
            ),
        ),
        (
            "each reversal is published once, and nothing else as one",
            replace(WEEK, published=published("RedemptionReversed", stranger=Counter(a=1))),
        ),
        (
            "no redemption waits for more than a day",
            replace(WEEK, recorded=recorded(**{PLAIN: (at(timedelta(hours=25)),)})),
        ),
        (
            "no redemption waits for more than a day",
            replace(WEEK, recorded=recorded(**{PLAIN: (at(-timedelta(seconds=1)),)})),
        ),
        ("each watch has ended", replace(WEEK, ended={"expired": 2}, open=1)),
        ("each watch has ended", replace(WEEK, ended={"expired": 2})),
        ("every queue of the polls is empty", replace(WEEK, left_over={"polls-dead": 1})),
        ("a fifth of the calls of a fixed interval is enough", replace(WEEK, calls=1081)),
    ],
)
def test_a_broken_promise_is_named_and_no_other_is(promise: str, facts: WeekFacts) -> None:
    assert broken(facts).keys() == {promise}


def test_an_event_that_is_delivered_twice_breaks_nothing() -> None:
    twice = {
        kind: {name: Counter(dict.fromkeys(ids, 2)) for name, ids in names.items()}
        for kind, names in WEEK.published.items()
    }

    assert broken(replace(WEEK, published=twice)) == {}


def test_the_delay_is_counted_from_the_redemption_to_the_poll_that_showed_it() -> None:
    assert delays(WEEK) == [timedelta(hours=hours) for hours in (1, 2, 3)]


def test_the_table_shows_the_figures_and_what_is_broken() -> None:
    console = Console(width=120)
    late = replace(
        WEEK,
        uses={**USES, "lost": Use(at=BEGAN)},
        recorded=recorded(**{PLAIN: (replace(at(timedelta(hours=3)), is_inferred=True),)}),
    )
    part = of_the_week(late, phases={"week": 12.34})

    with console.capture() as shown:
        console.print(part.figures)

    lines = [" ".join(line.split()) for line in shown.get().splitlines()]
    assert "customers watched 3 2 at Uniqodo, 1 at Koupon" in lines
    assert "redemptions there 4 since the first polls" in lines
    assert "recorded 3 1 inferred: its offer was used up" in lines
    assert "events RedemptionRecorded 3 3 ids, 0 delivered again" in lines
    assert "other events 3 3 x WatchEnded" in lines
    assert "missed 1" in lines
    assert "calls 90 every 5 minutes would be 5400: 98.3% saved" in lines
    assert "hours until seen 2.0 95 % within 2.9" in lines
    assert "watches ended 3 2 x expired, 1 x horizon_passed" in lines
    assert "seconds week 12.3" in lines
    assert set(part.broken) == {"each redemption is recorded", "each is published"}
