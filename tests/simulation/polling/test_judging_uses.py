"""What no client of Uniqodo can notice is not held against couponbus."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from couponbus.domain.provider import Provider
from tests.simulation.faults import Planned
from tests.simulation.polling.canonical import CONDITIONS, canonical
from tests.simulation.polling.kinds import DOUBTFUL, POLL_KINDS
from tests.simulation.polling.mutants_of_comparing import MUTANTS_OF_COMPARING
from tests.simulation.polling.report import PollReport
from tests.simulation.polling.scenario import Scenario, ending, hint, key_of
from tests.simulation.polling.seeds import simulate_polls
from tests.simulation.polling.story import Story, story
from tests.simulation.polling.truth import Use

LONG_BEFORE = -600.0
ONCE: Story[str | None] = story(None, (100.0, "10.00"))
CUT = Use(number="1", stated=100.0, values=ONCE, cut=story(False, (400.0, True)))
NO_OTHERS = story(0)
DRAWS = 7  # which field of which redemption is in doubt


def test_what_was_hidden_at_first_and_taken_back_is_news_when_it_stands_again() -> None:
    hidden = Use(
        number="1",
        stated=LONG_BEFORE,
        values=story("10.00", (150.0, None), (450.0, "12.50")),
        cut=story(True, (200.0, False)),
    )

    report = run(watching(hidden))

    assert list(report.violations) == []
    assert report.published == 1


def test_one_that_stands_again_may_say_so_before_its_new_value_can_be_read() -> None:
    again = Use(
        number="1",
        stated=100.0,
        values=story(None, (100.0, "10.00"), (350.0, None), (700.0, "12.50")),
    )

    scenario = watching(again)
    looked_at = (650.0, hint([key_of(scenario.truths[0].place)]))
    scenario = replace(scenario, messages=[*scenario.messages, looked_at])

    assert run(scenario).published == 3
    assert broken_by_a_doubt(scenario) == {}


def test_a_value_that_no_poll_could_read_before_the_end_is_owed_to_none() -> None:
    late = Use(number="1", stated=100.0, values=story(None, (100.0, "10.00")))
    scenario = watching(late)
    cancelled = (400.0, ending([key_of(scenario.truths[0].place)], reason="cancelled"))

    scenario = replace(scenario, messages=[*scenario.messages, cancelled])

    assert broken_by_a_doubt(scenario) == {}


@pytest.mark.parametrize(
    ("others", "hidden"),
    [
        (story(2, (450.0, 1)), ()),
        (story(2), (Use(number="2", stated=90.0, values=ONCE, cut=story(True, (400.0, False))),)),
    ],
    ids=["another customer's is taken back", "a hidden one is listed"],
)
def test_one_that_is_cut_while_as_many_are_hidden_less_looks_as_if_taken_back(
    others: Story[int], hidden: tuple[Use, ...]
) -> None:
    report = run(watching(CUT, *hidden, others=others))

    assert list(report.violations) == []
    assert report.published == len(("recorded", "reversed", *hidden))


def test_one_that_is_cut_and_reversed_while_the_total_stands_is_held_against_couponbus() -> None:
    mistake = next(one for one in MUTANTS_OF_COMPARING if "not less than the list" in one.name)

    with mistake.planted():
        violations = list(run(watching(CUT, others=story(2))).violations)

    assert mistake.shown_by(violations)


def watching(*uses: Use, others: Story[int] = NO_OTHERS) -> Scenario:
    """Return the canonical scenario with a customer who has only these redemptions."""
    scenario = canonical(Provider.UNIQODO)
    return replace(
        scenario,
        truths=[
            replace(one, uses=uses, others=others, code=story(None)) for one in scenario.truths
        ],
    )


def run(scenario: Scenario, *, doubt_at: int | None = None, draw: int = 0) -> PollReport:
    plan = {} if doubt_at is None else {doubt_at: DOUBTFUL}
    faults = Planned(plan, kinds=POLL_KINDS)
    return simulate_polls(scenario, CONDITIONS, seed=f"judged {draw}", faults=faults)


def broken_by_a_doubt(scenario: Scenario) -> dict[tuple[int, int], list[str]]:
    """Return what a field in doubt breaks, by the draw and by the answer that has it."""
    return {
        (draw, point): list(report.violations)
        for draw in range(DRAWS)
        for point in answers_of(scenario, draw=draw)
        if (report := run(scenario, doubt_at=point, draw=draw)).violations
    }


def answers_of(scenario: Scenario, *, draw: int) -> Iterator[int]:
    names = run(scenario, draw=draw).names
    return (point for point, name in enumerate(names, start=1) if name == "redemptions.answer")
