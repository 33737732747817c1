"""An explicit-state search: every state that steps lead to, shortest path first."""

from collections import deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


class Model[S: Hashable](Protocol):
    """What can happen: steps that go on, and faults, each with a sentence and the next state."""

    @property
    def start(self) -> S:
        """The first state."""
        ...

    def steps(self, state: S) -> Iterator[tuple[str, S]]:
        """Yield what happens where nothing fails."""
        ...

    def faults(self, state: S) -> Iterator[tuple[str, S]]:
        """Yield what may go wrong."""
        ...

    def violation(self, state: S) -> str | None:
        """Return what must never be, and is."""
        ...

    def is_at_rest(self, state: S) -> bool:
        """Whether all is done that must be."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A state that must not be, and the shortest way to it."""

    what: str
    path: Sequence[str]

    def __str__(self) -> str:
        """Return it as a numbered list."""
        steps = [f"{number:3}. {step}" for number, step in enumerate(self.path, 1)]
        return "\n".join([f"{self.what}, after", *steps])


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How many states and steps there are, and the first finding."""

    states: int
    steps: int
    finding: Finding | None


STUCK = "without another fault not all can be issued, published and closed any more"


class Search[S: Hashable]:
    """One search through a model; it ends at the first violation."""

    def __init__(self, model: Model[S]) -> None:
        """Begin at the model's first state."""
        self._model = model
        start = model.start
        self._numbers = {start: 0}
        self._states = [start]
        self._came_by: list[tuple[int, str]] = [(0, "")]
        self._led_to: list[list[int]] = [[]]  # from which states a step without a fault leads here
        self._steps = 0

    def run(self) -> Result:
        """Visit all states; then look for those from which nothing leads to rest."""
        at = 0
        while at < len(self._states):
            state = self._states[at]
            what = self._model.violation(state)
            if what is not None:
                return self._result(self._finding(what, at))
            for label, after in self._model.steps(state):
                self._led_to[self._number(label, after, at)].append(at)
            for label, after in self._model.faults(state):
                self._number(label, after, at)
            at += 1
        stuck = next(self._stuck(), None)
        return self._result(None if stuck is None else self._finding(STUCK, stuck))

    def _number(self, label: str, state: S, came_from: int) -> int:
        self._steps += 1
        known = self._numbers.setdefault(state, len(self._states))
        if known == len(self._states):
            self._states.append(state)
            self._came_by.append((came_from, label))
            self._led_to.append([])
        return known

    def _stuck(self) -> Iterator[int]:
        at_rest = [n for n, state in enumerate(self._states) if self._model.is_at_rest(state)]
        can_rest = set(at_rest)
        left = deque(at_rest)
        while left:
            for earlier in self._led_to[left.popleft()]:
                if earlier not in can_rest:
                    can_rest.add(earlier)
                    left.append(earlier)
        return (number for number in range(len(self._states)) if number not in can_rest)

    def _finding(self, what: str, number: int) -> Finding:
        path: list[str] = []
        while number:
            number, label = self._came_by[number]
            path.append(label)
        return Finding(what=what, path=path[::-1])

    def _result(self, finding: Finding | None) -> Result:
        return Result(states=len(self._states), steps=self._steps, finding=finding)
