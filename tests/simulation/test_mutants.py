"""The harness detects each known bug, planted in the real code."""

from collections.abc import Callable

import pytest

from tests.simulation.control import first_duplicate, in_calm
from tests.simulation.efficiency import measure
from tests.simulation.mutant import Mutant
from tests.simulation.mutants import MUTANTS, first_failure
from tests.simulation.mutants_of_publishing import NO_SELF_RECOGNITION
from tests.thorough import amount

WITHIN = 100  # seeds
# Where the search begins for bugs that take long to show: the tests record where it ends.
BEGINS = {
    "settling too short": 640,
    "an item missing in the answer is taken for failed": 30,
    "an answer is matched by its order": 29,
    "a braked account is posted to": 567,
    "what may be at the provider is sent again for a later sign-up": 750,
    "reopened before its refusal is published": 54,
    "a 404 in JSON is absence": 15,
    "the reference alone is identity": 21,
    "a refusal of all is a refusal of each": 32,
}
BAD_DAYS = range(100)
CLAIMS = 1.1
SLOW = 120.0  # seconds; a wait for a look-up after the settling time exceeds it


@pytest.mark.thorough
@pytest.mark.parametrize("mutant", MUTANTS[:: amount(1, few=2)], ids=lambda mutant: mutant.name)
def test_a_planted_mistake_is_noticed(
    mutant: Mutant, record_property: Callable[[str, object], None]
) -> None:
    first = BEGINS.get(mutant.name, 0)
    report = first_failure(mutant, range(first, first + WITHIN))
    assert report is not None
    record_property("first failing seed", report.seed)


def test_one_barcode_takes_one_claim_and_no_settling_on_a_bad_day() -> None:
    measured = measure(BAD_DAYS)
    assert measured.barcodes == 8 * len(BAD_DAYS)
    assert measured.claims <= CLAIMS
    assert measured.slow <= SLOW


def test_not_recognising_ones_own_write_is_noticed_by_what_it_costs() -> None:
    with NO_SELF_RECOGNITION.planted():
        measured = measure(BAD_DAYS)
    assert measured.claims > CLAIMS
    assert measured.slow > SLOW


def test_the_plain_design_issues_twice() -> None:
    report = first_duplicate(range(WITHIN))
    assert report is not None


def test_the_plain_design_is_fine_only_as_long_as_nothing_fails() -> None:
    reports = [in_calm(seed) for seed in range(50)]
    assert sum(len(report.sold) for report in reports) > len(reports)
    assert not any(what.startswith("I1 ") for each in reports for what in each.violations)
