"""What a batch asks for: one row for each key, and the messages that asked for it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.resolution import Resolution
from couponbus.usecases.causes import Cause, Failures, all_for, first_of
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.enrolment import Enrolled
from couponbus.usecases.issuing.refuse import Refused
from couponbus.usecases.issuing.resolve_customers import Known
from couponbus.usecases.issuing.watching_only import WatchedSignUp


@dataclass(frozen=True, slots=True)
class Work:
    """Of several sign-ups for a row the first that is allowed counts."""

    allowed: dict[str, Enrolled] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)
    watched: list[WatchedSignUp] = field(default_factory=list)
    messages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_any(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.allowed or self.refused or self.watched)

    @property
    def denied(self) -> list[Refused]:
        """What a gate refuses, unless another sign-up for the same row is allowed."""
        return [one for key, one in self.refused.items() if key not in self.allowed]

    @property
    def resolutions(self) -> list[Resolution]:
        """The sign-ups whose customer is known by e-mail only."""
        return [row for row in self.allowed.values() if isinstance(row, Resolution)]

    def issuances(self, state: IssuanceState) -> list[Issuance]:
        """Return the allowed ones in a state; those from a backlog come after the new ones."""
        found = [row for row in self.allowed.values() if isinstance(row, Issuance)]
        fresh_first = sorted(found, key=lambda one: one.revision > 0)
        return [one for one in fresh_first if one.state is state]

    def failures(self, unsaved: Mapping[str, Cause]) -> Failures:
        """Return the messages that asked for these rows."""
        asked = (all_for(unsaved[key], self.messages.get(key, ())) for key in sorted(unsaved))
        return first_of(*asked)

    def has_for_another_customer(self, row: Enrolled) -> bool:
        """Whether another customer's sign-up in this batch has the key of this resolution."""
        if not isinstance(row, Resolution):
            return False
        first = self.first(row.key)
        return isinstance(first, Resolution) and row.is_of_another_customer(first)

    def first(self, key: str) -> Enrolled | None:
        """Return what stands for the key so far, None if nothing does."""
        refused = self.refused.get(key)
        return self.allowed.get(key) or (refused[0] if refused else None)


def count_duplicate(first: Enrolled, second: Enrolled, *, run: Invocation) -> None:
    """Count a sign-up that leads to the row of another one."""
    run.count(Metric.DUPLICATES)
    run.traces.join(first, second)
    if isinstance(first, Issuance) and isinstance(second, Issuance):
        run.count(Metric.CONFLICTING, int(first.channel is not second.channel))


def count_joined(known: Sequence[Known], rows: Iterable[Issuance], *, run: Invocation) -> None:
    """Count sign-ups whose customer turns out to be that of another row of the batch."""
    first = {row.key: row for row in rows}
    for _, issuance in known:
        if (other := first.setdefault(issuance.key, issuance)) is not issuance:
            count_duplicate(other, issuance, run=run)
