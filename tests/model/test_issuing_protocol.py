"""In no order of steps, crashes and lost answers does the issuing protocol break a promise."""

import pytest

from tests.model.mistakes import Mistake
from tests.model.protocol import IssuingProtocol
from tests.model.reduction import Reduced
from tests.model.search import STUCK, Finding, Result, Search
from tests.thorough import amount

A, B = 0, 1
UNOWED = "no due entry leads to it"
TWICE = "two barcodes"
FOUND = {
    Mistake.ROWS_BEFORE_BATCH: UNOWED,
    Mistake.CLOSED_BEFORE_PUBLISHED: UNOWED,
    Mistake.PUBLISHED_BEFORE_STORED: "published and not stored",
    Mistake.CLOSED_BEFORE_SETTLED: UNOWED,
    Mistake.CLOCK_AFTER_READ: UNOWED,
    Mistake.LOOKED_UP_BEFORE_SETTLED: TWICE,
    Mistake.STOLEN_CLAIM: TWICE,
    Mistake.NO_LOCK: UNOWED,
    Mistake.LOCK_OF_CLAIM: UNOWED,
    Mistake.LATE_CLAIM: UNOWED,
    Mistake.CLAIM_FORGOTTEN: UNOWED,
    Mistake.CLOSED_WITH_REQUESTED: UNOWED,
    Mistake.DOUBT_WITHOUT_ENTRY: UNOWED,
    Mistake.NO_OWN_ENTRIES: UNOWED,
    Mistake.CONFLICT_IGNORED: UNOWED,
    Mistake.RELEASED_AND_LEFT: STUCK,
}
# Batches and ticks that overlap: the first two in `make test`.
SCOPES = [
    ([[A], [A]], 2),
    ([[A, B], [A]], 1),
    ([[A, B], [B]], 1),
    ([[A, B], [A]], 2),
]
WHOLE = [*FOUND, None]
HARMLESS = set(Mistake) - set(FOUND)


def searched(*batches: list[int], ticks: int, mistake: Mistake | None = None) -> Result:
    return Search(Reduced(IssuingProtocol(batches=batches, ticks=ticks, mistake=mistake))).run()


def path_of(finding: Finding | None) -> str:
    """Return what pytest shows when it should be empty."""
    return str(finding or "")


@pytest.mark.thorough
@pytest.mark.parametrize(("batches", "ticks"), SCOPES[: amount(len(SCOPES), few=2)])
def test_no_promise_is_broken_and_all_can_be_finished(batches: list[list[int]], ticks: int) -> None:
    result = searched(*batches, ticks=ticks)

    assert path_of(result.finding) == ""
    assert result.states > 1000


@pytest.mark.parametrize("mistake", FOUND, ids=lambda mistake: mistake.value)
def test_a_planted_mistake_is_found(mistake: Mistake) -> None:
    finding = searched([A], [A], ticks=1, mistake=mistake).finding

    assert FOUND[mistake] in path_of(finding)


@pytest.mark.parametrize("mistake", sorted(HARMLESS), ids=lambda mistake: mistake.value)
def test_what_looks_like_a_mistake_costs_an_event_twice_at_most(mistake: Mistake) -> None:
    assert path_of(searched([A], [A], ticks=1, mistake=mistake).finding) == ""


@pytest.mark.thorough
@pytest.mark.parametrize("mistake", WHOLE[: amount(len(WHOLE), few=2)])
def test_fewer_states_hide_nothing(mistake: Mistake | None) -> None:
    """Without the reduction the verdict is the same."""
    whole = Search(IssuingProtocol(batches=[[A], [A]], ticks=1, mistake=mistake)).run()

    assert (whole.finding is None) == (mistake is None)
