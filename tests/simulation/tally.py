"""Sums over many runs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.simulation.report import RunReport


@dataclass(slots=True)
class Tally:
    """Sums; adding two tallies adds all of them."""

    seeds: int = 0
    calls: int = 0
    crashes: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int | str, str]] = field(default_factory=list)

    def add(self, report: RunReport) -> None:
        self.seeds += 1
        self.calls += report.calls
        self.crashes += report.crashes
        self.faults.update(report.faults)
        self.steps.update(report.steps)
        self.figures.update(report.figures)
        self.failures += [(report.seed, what) for what in report.violations]

    def join(self, other: "Tally") -> None:
        self.seeds += other.seeds
        self.calls += other.calls
        self.crashes += other.crashes
        self.faults.update(other.faults)
        self.steps.update(other.steps)
        self.figures.update(other.figures)
        self.failures += other.failures

    @property
    def text(self) -> str:
        return "\n".join(
            (
                f"seeds: {self.seeds:,}",
                f"port calls: {self.calls:,}",
                f"crashes: {self.crashes:,}",
                f"faults: {self.faults.total():,} of {len(self.faults)} kinds",
                *(f"{name}: {number:,}" for name, number in self.figures.items()),
                *self._answers(),
            )
        )

    def _answers(self) -> Iterator[str]:
        """Yield the answers of Coniq by call and kind, each with its count."""
        kinds = {kind: kind.partition(": ") for kind in self.faults}
        for call in ("coniq.post", "coniq.get", "coniq.keeps"):
            met: Counter[str] = Counter()
            for kind, (name, _, fault) in kinds.items():
                if name == call:
                    status = fault[:3] if fault[:3].isdecimal() else fault
                    met[status] += self.faults[kind]
            if met:
                shown = ", ".join(f"{what} {number:,}" for what, number in sorted(met.items()))
                yield f"answers by kind, {call}: {shown}"
