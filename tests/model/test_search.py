"""The search finds what must never be, and what can never become."""

from collections.abc import Iterator

from tests.model.search import STUCK, Finding, Search

type Step = tuple[str, int]


class Counter:
    """Counts up to ten by one, or by two; a fault takes three away."""

    def __init__(self, *, forbidden: int = -1, rest: int = 10) -> None:
        """Forbid a number, and come to rest at another."""
        self.start = 0
        self._forbidden = forbidden
        self._rest = rest

    def steps(self, state: int) -> Iterator[Step]:
        """Count on."""
        return ((f"+{by}", state + by) for by in (1, 2) if state + by <= 10)

    def faults(self, state: int) -> Iterator[Step]:
        """Count back."""
        if state >= 3:
            yield "-3", state - 3

    def violation(self, state: int) -> str | None:
        """Return whether the forbidden number is reached."""
        return "forbidden" if state == self._forbidden else None

    def is_at_rest(self, state: int) -> bool:
        """Whether the last number is reached."""
        return state == self._rest


def test_all_states_are_visited() -> None:
    result = Search(Counter()).run()

    assert (result.states, result.finding) == (11, None)


def test_the_shortest_path_to_a_violation_is_shown() -> None:
    finding = Search(Counter(forbidden=5)).run().finding

    assert finding == Finding(what="forbidden", path=["+1", "+2", "+2"])
    assert f"{finding}".splitlines() == ["forbidden, after", "  1. +1", "  2. +2", "  3. +2"]


def test_a_state_from_which_only_a_fault_leads_to_rest_is_stuck() -> None:
    finding = Search(Counter(rest=9)).run().finding

    assert finding == Finding(what=STUCK, path=["+2", "+2", "+2", "+2", "+2"])
