"""What will happen to a row next, and when."""

from datetime import datetime

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.issuing_batch import IssuingBatch
from couponbus.domain.issuing.look_up_results import failing_since
from couponbus.domain.issuing.reopening import may_reopen
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.masking import masked
from couponbus.domain.row import Row
from couponbus_cli.app.formatting import when


def to_publish(row: Row, now: datetime) -> str:
    """Return how an outcome gets to the bus, or nothing when there is none to publish."""
    if not row.unpublished:
        return ""
    if row.due_at is None:
        return "the outcome is published on the bus."
    latest = "at the latest" if row.due_at > now else "overdue since"
    return f"the outcome is published on the bus, {latest} {when(row.due_at, now)}."


def next_of_issuance(row: Issuance, batch: IssuingBatch | None, now: datetime) -> str:
    """Return what will happen to an issuance, or what an operator has to do.

    `batch` is the one of its last claim, if that is kept.
    """
    match row.state:
        case IssuanceState.PENDING:
            return f"the barcode is requested at Coniq {_from(row, now)}{_in_vain(row)}."
        case IssuanceState.REQUESTED:
            return _next_of_requested(row, batch, now)
        case IssuanceState.AMBIGUOUS if not may_reopen(row):
            return _choices(row)
        case IssuanceState.AMBIGUOUS | IssuanceState.REJECTED:
            settled = (
                "nothing, unless the customer signs up again, or an operator retries it:"
                f" couponbus resolve {row.issuance_id} --retry."
            )
        case _:
            owed = batch is not None and is_named(row, batch) and batch.has_issued(row)
            settled = next_of_batch(batch, now) if batch and owed else "nothing; it is done."
    return to_publish(row, now) or settled


def next_of_batch(batch: IssuingBatch, now: datetime) -> str:
    """Return when the sweeper concludes a batch that is open."""
    if batch.due_at is None:
        return "nothing; it is done."
    late = f"; that is overdue since {when(batch.due_at, now)}" if batch.due_at <= now else ""
    by = when(batch.due_at, now) if not late else "within a minute or two"
    return f"what its batch has issued is published on the bus, by the sweeper {by}{late}."


def is_named(row: Issuance, batch: IssuingBatch) -> bool:
    """Whether an open batch still owes something to an issuance."""
    return batch.due_at is not None and row.issuance_id in batch.issuance_ids


def _next_of_requested(row: Issuance, batch: IssuingBatch | None, now: datetime) -> str:
    if row.claim_deadline is not None and row.claim_deadline > now and row.doubt is None:
        ready = f" {_from(row, now)}" if row.ready_at else ""
        taken = ""
        if batch is not None and batch.due_at is not None and is_named(row, batch):
            taken = f" the sweeper takes it over {when(batch.due_at, now)}, and"
        return (
            f"an attempt is under way; if its outcome stays unknown,{taken} it is looked up{ready}."
        )
    return f"it is looked up at Coniq {_from(row, now)}{_in_vain(row)}."


def _from(row: Row, now: datetime) -> str:
    if not row.is_ready(now) and row.ready_at is not None:
        return f"from {when(row.ready_at, now)} on"
    if row.due_at is not None and row.due_at > now:
        return f"as soon as a worker has it, and is handed over again {when(row.due_at, now)}"
    return "as soon as the sweeper hands it over, within a minute or two"


def _in_vain(row: Issuance | Resolution) -> str:
    if failing_since(row) is None and row.unproven_since is None:
        return ""
    return (
        ", and look-ups were in vain so far: find the cause with couponbus probe coniq, and compare"
        " the settings of the account"
    )


def _choices(row: Issuance) -> str:
    found = ", ".join(masked(number) for number in row.candidates) or "none"
    return (
        f"an operator has to decide. Reason: {row.reason}; barcodes found: {found}. Use"
        f" couponbus resolve {row.issuance_id} with --choose LAST4 or --reissue, and --reason"
    )


def next_of_resolution(row: Resolution, now: datetime) -> str:
    """Return what will happen to a search for a customer."""
    match row.state:
        case ResolutionState.WAITING:
            return (
                f"the customer is looked up at Coniq {_from(row, now)}{_in_vain(row)};"
                f" given up {when(row.give_up_at, now)}."
            )
        case ResolutionState.RESOLVED:
            return f"see the issuance of customer {row.customer_id}."
        case _:
            return to_publish(row, now) or "nothing; it is done."


def next_of_unmatched(row: UnmatchedSignUp, now: datetime) -> str:
    """Return how an unmatched sign-up can still be processed."""
    if not row.is_kept:
        return "nothing; it was processed like any sign-up."
    if row.due_at is not None:
        return f"it is matched against the programs {_from(row, now)}."
    return (
        "nothing by itself, and it is deleted a week after it arrived: fix the program, then"
        " couponbus programs rematch --since"
    )
