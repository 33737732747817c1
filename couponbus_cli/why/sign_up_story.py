"""The story of a sign-up: the search for the customer, the barcode, or why there is none."""

from collections.abc import Mapping
from datetime import datetime

from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.issuing.issuing_batch import IssuingBatch
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.masking import masked
from couponbus.domain.row import LOOK_UP_FAILED, Step
from couponbus.events.barcodes import BarcodeAmbiguous, BarcodeIssued, BarcodeRefused
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus_cli.app.formatting import count, reason
from couponbus_cli.why.outlook import (
    is_named,
    next_of_batch,
    next_of_issuance,
    next_of_resolution,
    next_of_unmatched,
    to_publish,
)
from couponbus_cli.why.timeline import Event, Story, as_it_is, placed, steps_of

WITH_ITS_BATCH = f"{BarcodeIssued.detail_type} was published on the bus, with its batch."
SHOWN = 20  # issuances of a batch; each has a story of its own
ISSUED: Mapping[str, str] = {
    Origin.ISSUED: "Coniq issued the barcode.",
    Origin.RECONCILED: "The barcode of an earlier attempt was found at Coniq.",
    Origin.EXISTING: "Coniq had a barcode for this customer and offer already; it is used.",
    Origin.CHOSEN: "The barcode that the operator chose was recorded.",
}
STEPS: Mapping[str, str] = {
    "requested": "The barcode was requested at Coniq, attempt {detail}.",
    "unknown": "The outcome of the attempt is unknown ({detail}); it has to be looked up.",
    "not found": "It was looked up at Coniq and not found.",
    LOOK_UP_FAILED: "Look-ups at Coniq failed ({detail}).",
    "look-up unproven": "It was looked up at Coniq, and the answer proves nothing ({detail}).",
    "released": "The attempt is proven not to have been applied ({detail}); it may be repeated.",
    "ambiguous": "What Coniq has for it cannot be determined ({detail}); nothing more is sent.",
    "reopened": "A later sign-up ({detail}) started it again.",
    "retried": "An operator retried it: {detail}",
    "allowed again": "An operator allowed it to be issued anew: {detail}",
    "audited": "The nightly audit compared it with Coniq and found: {detail}.",
    "operator": "An operator settled it: {detail}",
    "rejected": "It was rejected: {detail}.",
    "rematch": "An operator had it matched against the programs again.",
    "unmatched": "Still no program matched it.",
    "matched": "A program matched it; its other rows show the result.",
    "resolved": "Coniq knew the customer; the barcode is issued under the customer id.",
}
EVENTS: Mapping[str, str] = {
    IssuanceState.ISSUED: BarcodeIssued.detail_type,
    IssuanceState.REJECTED: BarcodeRefused.detail_type,
    IssuanceState.AMBIGUOUS: BarcodeAmbiguous.detail_type,
    ResolutionState.REFUSED: BarcodeRefused.detail_type,
}


def story_of_issuance(row: Issuance, *, batch: IssuingBatch | None, now: datetime) -> Story:
    """Return the story of a barcode; `batch` is that of its last claim, if it is kept."""
    number = f", barcode {masked(row.barcode.number)}" if row.barcode else ""
    title = (
        f"Issuance {row.issuance_id}: {row.state}{number}; customer {row.customer_id},"
        f" offer {row.offer_id}, account {row.account}, program {row.program}"
    )
    start = Event(at=row.signed_up_at, text=_signed_up(row.signup_id))
    return Story(
        key=row.key,
        title=title,
        state=row.state,
        timeline=[start, *_steps_of_issuance(row, batch)],
        known=[WITH_ITS_BATCH] if _was_published_unseen(row, batch) else [],
        next=next_of_issuance(row, batch, now),
    )


def story_of_batch(row: IssuingBatch, *, now: datetime) -> Story:
    """Return the story of a batch of barcodes that were asked for together."""
    state = "OPEN" if row.closed_at is None else "CLOSED"
    ended = "All that it issued was published on the bus, and the batch was closed."
    last = count(len(row.issuance_ids), "issuance")
    shown, more = row.issuance_ids[:SHOWN], len(row.issuance_ids) - SHOWN
    return Story(
        key=row.key,
        title=f"Batch {row.batch_id}: {state}; {last} at the last",
        state=state,
        timeline=[] if row.closed_at is None else [Event(at=row.closed_at, text=ended)],
        known=[*(f"Issuance {one}" for one in shown), *([f"and {more} more"] if more > 0 else [])],
        next=next_of_batch(row, now),
    )


def story_of_resolution(row: Resolution, *, now: datetime) -> Story:
    """Return the story of the search for a customer."""
    title = (
        f"Search for the customer of sign-up {row.signup_id}: {row.state};"
        f" account {row.account}, program {row.program}"
    )
    start = Event(
        at=row.signed_up_at, text=f"{_signed_up(row.signup_id)[:-1]}, with no customer id."
    )
    return Story(
        key=row.key,
        title=title,
        state=row.state,
        timeline=[start, *steps_of(row, _search_sentence, event=EVENTS.get(row.state))],
        next=next_of_resolution(row, now),
    )


def story_of_rejection(row: Rejection, *, now: datetime) -> Story:
    """Return the story of a rejected sign-up."""
    fields = f" (fields: {', '.join(row.fields)})" if row.fields else ""
    settled = "nothing; the producer has to correct it and send it again."
    return Story(
        key=row.key,
        title=f"Sign-up {row.signup_id}: not usable, {row.reason}{fields}",
        state="REJECTED",
        timeline=steps_of(row, _sentence, event=SignUpRejected.detail_type),
        next=to_publish(row, now) or settled,
    )


def story_of_unmatched(row: UnmatchedSignUp, *, now: datetime) -> Story:
    """Return the story of an unmatched sign-up, and how a program can still match it."""
    arrived = Event(at=row.arrived_at, text="It arrived, and no program matched it.")
    return Story(
        key=row.key,
        title=f"Sign-up {row.signup_id} from {row.source}: {_fate(row)}",
        state=row.state,
        timeline=[
            Event(at=row.signed_up_at, text=_signed_up(row.signup_id)),
            arrived,
            *steps_of(row, _sentence, event=None),
        ],
        next=next_of_unmatched(row, now),
    )


def _is_left_to_batch(row: Issuance) -> bool:
    """Whether its event is its batch's: then no time of its own row says when it was published."""
    is_issued = row.state is IssuanceState.ISSUED and not row.unpublished
    return is_issued and row.claim_id is not None


def _was_published_unseen(row: Issuance, batch: IssuingBatch | None) -> bool:
    """Whether its batch has published it at a time that is not kept any more."""
    if not _is_left_to_batch(row):
        return False
    return batch is None or (batch.closed_at is None and not is_named(row, batch))


def _steps_of_issuance(row: Issuance, batch: IssuingBatch | None) -> list[Event]:
    is_left = _is_left_to_batch(row)
    steps = steps_of(row, _sentence, event=None if is_left else EVENTS.get(row.state))
    if not is_left or batch is None or batch.closed_at is None:
        return steps
    return placed(Event(at=batch.closed_at, text=WITH_ITS_BATCH), steps)


def _fate(row: UnmatchedSignUp) -> str:
    return "no program matches" if row.is_kept else "matched later"


def _signed_up(signup_id: str) -> str:
    return f"The customer signed up (sign-up {signup_id})."


def _search_sentence(step: Step) -> str:
    if step.what == "waiting":
        return f"The customer was looked up at Coniq, and is not known yet ({step.detail})."
    return _sentence(step)


def _sentence(step: Step) -> str:
    if step.what == "issued":
        return ISSUED.get(step.detail, f"The barcode was recorded ({step.detail}).")
    if step.what == "refused":
        return f"It was refused: {reason(step.detail)}."
    if step.what == "waiting":
        return f"It had to wait: {step.detail}."
    known = STEPS.get(step.what)
    return as_it_is(step) if known is None else known.format(detail=step.detail)
