"""Assumptions about a provider, and the verdict on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

NOTHING_TO_CHANGE = "nothing: couponbus reads it anyway"
ABSENCE_STATUS = "account: absence_status = 404"


class Verdict(StrEnum):
    """Whether an assumption is true."""

    HOLDS = "holds"
    DIFFERS = "differs"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report; `evidence` holds nothing secret and no personal data."""

    name: str
    assumption: str
    verdict: Verdict
    evidence: str
    change: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """Something that couponbus, or its simulator, takes for granted (docs/providers.md#evidence).

    `change` is what an operator or a developer does if it is wrong.
    """

    name: str
    text: str
    change: str = NOTHING_TO_CHANGE

    def holds(self, evidence: str) -> Finding:
        """Return the finding that it is true."""
        return self._found(Verdict.HOLDS, evidence)

    def differs(self, evidence: str, *, change: str | None = None) -> Finding:
        """Return the finding that it is wrong."""
        return self._found(Verdict.DIFFERS, evidence, change=change or self.change)

    def unproven(self, evidence: str) -> Finding:
        """Return the finding that the answers prove nothing."""
        return self._found(Verdict.UNPROVEN, evidence)

    def _found(self, verdict: Verdict, evidence: str, *, change: str | None = None) -> Finding:
        return Finding(
            name=self.name,
            assumption=self.text,
            verdict=verdict,
            evidence=evidence,
            change=change,
        )


def verdicts(findings: Sequence[Finding]) -> dict[str, int]:
    """Return how many findings there are of each verdict."""
    return {each.value: sum(one.verdict is each for one in findings) for each in Verdict}
