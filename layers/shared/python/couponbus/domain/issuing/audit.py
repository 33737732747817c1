"""What the audit may find wrong with a decided issuance, by a look-up long afterwards."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from couponbus.domain.copying import replace
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.lookup import is_of_a_deleted_issuance
from couponbus.domain.issuing.reference import is_same_reference, may_be_cut_from


class AuditFinding(StrEnum):
    """What is wrong."""

    DUPLICATE = "two_barcodes"
    MISSING = "barcode_gone"
    REFUSED = "barcode_though_refused"


def findings(
    issuance: Issuance, listed: Sequence[Barcode], *, skew: timedelta
) -> Collection[AuditFinding]:
    """Compare a final issuance with all barcodes of its customer and offer."""
    return tuple(_findings(issuance, listed, skew))


def audited(issuance: Issuance, found: Collection[AuditFinding], *, now: datetime) -> Issuance:
    """Return it as audited: no longer due, with a step in its trail if something is wrong."""
    trail = issuance.step(now, "audited", ", ".join(found)) if found else issuance.trail
    return replace(issuance, due_at=None, trail=trail)


def _findings(
    issuance: Issuance, listed: Sequence[Barcode], skew: timedelta
) -> Iterator[AuditFinding]:
    ours = {one.number for one in listed if _is_ours(one, issuance, skew)}
    if len(ours) > 1:
        yield AuditFinding.DUPLICATE
    if ours and issuance.state is IssuanceState.REJECTED:
        yield AuditFinding.REFUSED
    if issuance.barcode is not None and issuance.barcode.number not in ours:
        yield AuditFinding.MISSING


def _is_ours(one: Barcode, issuance: Issuance, skew: timedelta) -> bool:
    """Whether one of our attempts has made it, as far as can be judged.

    Without our whole reference it counts only if it was made between our first attempt and the
    decision: customers get barcodes elsewhere too. If it was refused, any reference counts.
    """
    if issuance.barcode is not None and one.number == issuance.barcode.number:
        return True
    if is_same_reference(one.tracking_code, issuance.tracking_code):
        return not is_of_a_deleted_issuance(one, issuance)
    if not _was_made_meanwhile(one, issuance, skew):
        return False
    is_refused = issuance.state is IssuanceState.REJECTED
    return is_refused or may_be_cut_from(one.tracking_code, issuance.tracking_code)


def _was_made_meanwhile(one: Barcode, issuance: Issuance, skew: timedelta) -> bool:
    since, until = issuance.first_requested_at, issuance.decided_at
    if one.created_at is None or since is None or until is None:
        return False
    return since - skew <= one.created_at <= until + skew
