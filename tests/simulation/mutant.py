"""A known bug, planted in the real code for a while."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from couponbus.domain.timing import Timing
from tests.simulation.report import RunReport
from tests.simulation.settings import TIMING


@dataclass(frozen=True, slots=True)
class Patch:
    """The replacement of an attribute."""

    owner: object
    name: str
    wrong: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A bug, and the numbers of the invariants that may show it."""

    name: str
    shows: tuple[str, ...]
    patches: Sequence[Patch] = ()
    timing: Timing = TIMING

    def shown_by(self, violations: Iterable[str]) -> bool:
        """Whether one of its invariants was violated."""
        return any(what.split(" ", maxsplit=1)[0] in self.shows for what in violations)

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Plant the bug until the end of the block."""
        originals = [(one, getattr(one.owner, one.name)) for one in self.patches]
        for one in self.patches:
            setattr(one.owner, one.name, one.wrong)
        try:
            yield
        finally:
            for one, original in originals:
                setattr(one.owner, one.name, original)

    def first_shown[R: RunReport](self, seeds: Iterable[int], run: Callable[[int], R]) -> R | None:
        """Return the first run in which the bug violates one of its invariants."""
        with self.planted():
            for seed in seeds:
                report = run(seed)
                if self.shown_by(report.violations):
                    return report
        return None
