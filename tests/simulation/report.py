"""The result of a run."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.simulation.coniq import Sold


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Violations, and the counts of every run; `plan` repeats the faults."""

    seed: int | str
    violations: Sequence[str]
    plan: Mapping[int, str]
    faults: Mapping[str, int]
    steps: Mapping[str, int]
    calls: int
    crashes: int
    names: Sequence[str]
    trace: Sequence[tuple[float, int, str, str]]

    @property
    def trace_hash(self) -> str:
        lines = "\n".join(f"{at:.6f} {who} {what} {how}" for at, who, what, how in self.trace)
        return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def figures(self) -> Mapping[str, int]:
        """Return the figures that are worth a line in the sum of many runs."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(RunReport):
    """The result of sign-ups; `waits` are from sign-up to barcode."""

    sign_ups: int
    issued: int
    claims: int
    sold: Sequence[Sold]
    waits: Sequence[float]

    @property
    def figures(self) -> Mapping[str, int]:
        return {"sign-ups": self.sign_ups, "barcodes": self.issued}
