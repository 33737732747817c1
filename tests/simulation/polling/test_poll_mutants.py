"""The harness detects each known bug about polling, planted in the real code."""

from collections.abc import Callable

import pytest

from tests.simulation.mutant import Mutant
from tests.simulation.polling.mutants_of_comparing import MUTANTS_OF_COMPARING
from tests.simulation.polling.mutants_of_recording import MUTANTS_OF_RECORDING
from tests.simulation.polling.seeds import run_polls

WITHIN = 30  # seeds
# Where the search begins for bugs that take longer: the tests record where it ends.
BEGINS = {
    "the order of claims without a lease: an old snapshot is compared with a newer row": 94,
    "what one answer lacks has vanished": 105,
    "redemptions are stored apart from their watch": 19,
    "a cohort is announced after its watches are stored": 19,
    "a watch that moves is counted again in the cohort in which it stays": 55,
    "the digest of a snapshot ignores values": 71,
}


@pytest.mark.parametrize(
    "mutant", [*MUTANTS_OF_RECORDING, *MUTANTS_OF_COMPARING], ids=lambda mutant: mutant.name
)
def test_a_planted_mistake_is_noticed(
    mutant: Mutant, record_property: Callable[[str, object], None]
) -> None:
    first = BEGINS.get(mutant.name, 0)

    report = mutant.first_shown(range(first, first + WITHIN), run_polls)

    assert report is not None
    record_property("first failing seed", report.seed)
