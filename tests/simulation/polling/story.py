"""A value that changes over time, with its whole history."""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact[S]:
    """A state that holds from `at` on."""

    at: float
    state: S


@dataclass(frozen=True, slots=True)
class Story[S]:
    """Facts in the order of time; the first state also holds before the first fact."""

    facts: tuple[Fact[S], ...]

    def at(self, when: float) -> S:
        """Return the state at that time."""
        place = bisect_right(self.facts, when, key=lambda fact: fact.at) - 1
        return self.facts[max(place, 0)].state

    def changes(self) -> list[float]:
        """Return the times of the changes."""
        return [fact.at for fact in self.facts[1:]]


def story[S](first: S, *facts: tuple[float, S]) -> Story[S]:
    """Return a story that begins with `first`, followed by the facts in the order of time."""
    later = [Fact(at, state) for at, state in sorted(facts, key=lambda fact: fact[0])]
    return Story((Fact(float("-inf"), first), *later))
