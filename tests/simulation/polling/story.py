"""Something that changed in the course of time, with everything that it ever was."""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact[S]:
    """What was so from `at` on."""

    at: float
    state: S


@dataclass(frozen=True, slots=True)
class Story[S]:
    """Facts in their order; before the first one it was as with the first."""

    facts: tuple[Fact[S], ...]

    def at(self, when: float) -> S:
        """Return what was so then."""
        place = bisect_right(self.facts, when, key=lambda fact: fact.at) - 1
        return self.facts[max(place, 0)].state

    def changes(self) -> list[float]:
        """Return when something changed."""
        return [fact.at for fact in self.facts[1:]]


def story[S](first: S, *facts: tuple[float, S]) -> Story[S]:
    """Return a story that begins with `first` and goes on in the order of time."""
    later = [Fact(at, state) for at, state in sorted(facts, key=lambda fact: fact[0])]
    return Story((Fact(float("-inf"), first), *later))
