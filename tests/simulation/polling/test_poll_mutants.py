"""The harness detects each known bug about polling, planted in the real code."""

from collections.abc import Callable

import pytest

from tests.simulation.mutant import Mutant
from tests.simulation.polling.backfilled import run_backfilled
from tests.simulation.polling.mutants_of_comparing import MUTANTS_OF_COMPARING
from tests.simulation.polling.mutants_of_recording import (
    MUTANTS_OF_BACKFILLING,
    MUTANTS_OF_RECORDING,
)
from tests.simulation.polling.seeds import run_polls
from tests.thorough import amount

WITHIN = 30  # seeds
# Where the search begins for bugs that take longer: the tests record where it ends.
BEGINS = {
    "a watch that moves is counted out of the cohort in which it stays": 5,
    "a watch that moves is never counted out": 12,
    "a watch that is ended by command is never counted out": 12,
    "a customer of a command is new because the program says so": 15,
    "a watch that began blind does not say so": 15,
    "a cohort is registered after its watches are stored": 19,
    "the list of a code that others use too proves nothing": 20,
    "a later sign-up does not prolong a watch": 30,
    "what one answer lacks has vanished": 80,
    "what a first poll counted and did not list is news when it is listed": 75,
    "a total that is not less than the list proves it": 80,
    "a watch that moves is counted again in the cohort in which it stays": 55,
    "the first poll is the baseline, also of a new customer": 57,
    "all that the first poll counts is older than the watch": 57,
    "an old snapshot is compared with a newer row": 94,
    "the digest of a snapshot ignores values": 115,
    "a lower count is believed at once": 625,
}
MUTANTS = [*MUTANTS_OF_RECORDING, *MUTANTS_OF_COMPARING]


@pytest.mark.thorough
@pytest.mark.parametrize("mutant", MUTANTS[:: amount(1, few=2)], ids=lambda mutant: mutant.name)
def test_a_planted_mistake_is_noticed(
    mutant: Mutant, record_property: Callable[[str, object], None]
) -> None:
    first = BEGINS.get(mutant.name, 0)

    report = mutant.first_shown(range(first, first + WITHIN), run_polls)

    assert report is not None
    record_property("first failing seed", report.seed)


@pytest.mark.parametrize("mutant", MUTANTS_OF_BACKFILLING, ids=lambda mutant: mutant.name)
def test_a_backfill_that_takes_the_calls_of_sign_ups_is_noticed(mutant: Mutant) -> None:
    assert mutant.first_shown(range(0, WITHIN, 2), run_backfilled) is not None


def test_each_search_that_begins_later_is_for_one_of_them() -> None:
    assert BEGINS.keys() <= {mutant.name for mutant in MUTANTS}
