"""The issuances that one POST asks for, and the only due entry that they have until it is over."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, issuance_key
from couponbus.domain.row import Row


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class IssuingBatch(Row):
    """Stored before its issuances are claimed, closed when none of them needs it any more.

    `batch_id` is the `claim_id` of its issuances, `issuance_ids` those that are not settled yet:
    claimed without a known outcome, or issued and not published. It is due when its worker cannot
    be alive any more; a claim of it may still arrive until `settled_at`
    (docs/reliability.md#issuing-batches).
    """

    batch_id: str
    issuance_ids: tuple[str, ...]
    settled_at: datetime
    closed_at: datetime | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return batch_key(self.batch_id)

    @property
    def issuance_keys(self) -> list[str]:
        """Where the ledger keeps the issuances."""
        return [issuance_key(one) for one in self.issuance_ids]

    def has_claimed(self, issuance: Issuance) -> bool:
        """Whether an issuance waits for the outcome of this batch, and for nothing else."""
        is_open = issuance.state is IssuanceState.REQUESTED and issuance.due_at is None
        return is_open and issuance.claim_id == self.batch_id

    def has_issued(self, issuance: Issuance) -> bool:
        """Whether the event of an issuance is left to this batch."""
        return (
            issuance.state is IssuanceState.ISSUED
            and issuance.claim_id == self.batch_id
            and not issuance.unpublished
        )

    def missing(self, issuances: Iterable[Issuance]) -> set[str]:
        """Return the keys of those that show neither its claim nor an outcome."""
        seen = {one.key for one in issuances if one.is_final or one.claim_id == self.batch_id}
        return {key for key in self.issuance_keys if key not in seen}

    def left_with(self, keys: Collection[str], *, due_at: datetime | None, now: datetime) -> Self:
        """Return the batch with these issuances only; without any it is closed."""
        left = tuple(one for one in self.issuance_ids if issuance_key(one) in keys)
        if not left:
            return replace(self, due_at=None, closed_at=now)
        return replace(self, issuance_ids=left, due_at=due_at)


def batch_key(batch_id: str) -> str:
    """Return where the ledger keeps a batch."""
    return "BATCH#" + batch_id


def batch_of(
    issuances: Sequence[Issuance], *, claim_id: str, due_at: datetime, settled_at: datetime
) -> IssuingBatch:
    """Return the batch under which these are to be claimed."""
    return IssuingBatch(
        batch_id=claim_id,
        issuance_ids=tuple(one.issuance_id for one in issuances),
        settled_at=settled_at,
        due_at=due_at,
    )
