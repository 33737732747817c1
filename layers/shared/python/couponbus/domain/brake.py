"""The brake: it stops the POSTs of an account whose answers show that all of them may be wrong.

A circuit breaker closes again by itself; a brake holds until an operator resumes the account.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

HOUR = 3600.0


class Cause(StrEnum):
    """Why an account is braked."""

    NOT_UNDERSTOOD = "answers_not_understood"
    SHARE = "refusals_and_anomalies"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeLimits:
    """The limits of an account; reaching them sets the brake.

    `answers`: successes in a row that are not understood. `items`: items in an hour that are
    refused or come back other than requested, if they exceed a `share` of those sent.
    """

    share: float = 0.2
    items: int = 20
    answers: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the answer to a POST shows about its account.

    `understood` is None for an answer that does not show whether successes can be read.
    """

    refused: int = 0
    anomalies: int = 0
    understood: bool | None = None

    @property
    def is_odd(self) -> bool:
        """Whether it must be counted even if nothing odd was found before."""
        return self.refused + self.anomalies > 0 or self.understood is False


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """The items `posted` since `counted_from`, and their outcomes. Times are in seconds.

    `not_understood` counts answers in a row. The brake holds since `held_at` (0: it does not) for
    a `cause`; `remark` is the operator's reason.
    """

    counted_from: float = 0.0
    posted: int = 0
    refused: int = 0
    anomalies: int = 0
    not_understood: int = 0
    held_at: float = 0.0
    cause: Cause | None = None
    remark: str = ""

    @property
    def is_held(self) -> bool:
        """Whether nothing may be posted."""
        return self.cause is not None

    def posting(self, items: int, *, at: float) -> Self:
        """Count items that are about to be sent; a new hour resets the counts."""
        if at >= self.counted_from + HOUR:
            fresh = replace(self, counted_from=at, posted=0, refused=0, anomalies=0)
            return replace(fresh, posted=items)
        return replace(self, posted=self.posted + items)

    def found(self, finding: Finding, *, limits: BrakeLimits, now: float) -> Self:
        """Count what an answer shows; reaching a limit sets the brake."""
        in_a_row = self.not_understood
        if finding.understood is not None:
            in_a_row = 0 if finding.understood else in_a_row + 1
        counted = replace(
            self,
            refused=self.refused + finding.refused,
            anomalies=self.anomalies + finding.anomalies,
            not_understood=in_a_row,
        )
        cause = counted._beyond(limits)
        return counted if self.is_held or cause is None else counted.held(cause, now=now)

    def held(self, cause: Cause, *, now: float, remark: str = "") -> Self:
        """Set the brake; the counts stay, to be shown."""
        return replace(self, cause=cause, held_at=now, remark=remark)

    def _beyond(self, limits: BrakeLimits) -> Cause | None:
        if self.not_understood >= limits.answers:
            return Cause.NOT_UNDERSTOOD
        odd = self.refused + self.anomalies
        if odd >= limits.items and odd > limits.share * max(self.posted, odd):
            return Cause.SHARE
        return None
