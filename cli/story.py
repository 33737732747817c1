"""What happened to a row, in plain sentences, and what will happen next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cli.outlook import next_of_issuance, next_of_resolution, to_publish
from cli.telling import moment, reason
from couponbus.domain.barcode import masked
from couponbus.domain.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.rejection import Rejection
from couponbus.domain.resolution import Resolution, ResolutionState
from couponbus.domain.row import Row, Step
from couponbus.events.barcodes import BarcodeAmbiguous, BarcodeIssued, BarcodeRefused
from couponbus.events.sign_up_rejected import SignUpRejected

ISSUED: Mapping[str, str] = {
    Origin.ISSUED: "Coniq issued the barcode.",
    Origin.RECONCILED: "The barcode of an earlier attempt was found at Coniq.",
    Origin.EXISTING: "Coniq had a barcode for this customer and offer already; it is used.",
    Origin.CHOSEN: "The barcode that the operator chose was recorded.",
}
STEPS: Mapping[str, str] = {
    "requested": "Coniq was asked for the barcode, attempt {detail}.",
    "unknown": "What the attempt did could not be told ({detail}); it has to be looked up.",
    "not found": "It was looked up at Coniq and not found.",
    "released": "The attempt is proven not to have been applied ({detail}); it may be repeated.",
    "ambiguous": "Several barcodes may be this one ({detail}); nothing more is sent.",
    "reopened": "A later sign-up ({detail}) started it again.",
    "allowed again": "An operator allowed it to be issued anew: {detail}",
    "operator": "An operator settled it: {detail}",
    "rejected": "It was put aside: {detail}.",
    "resolved": "Coniq knew the customer; the barcode is issued under the customer id.",
}

EVENTS: Mapping[str, str] = {
    IssuanceState.ISSUED: BarcodeIssued.detail_type,
    IssuanceState.REJECTED: BarcodeRefused.detail_type,
    IssuanceState.AMBIGUOUS: BarcodeAmbiguous.detail_type,
    ResolutionState.REFUSED: BarcodeRefused.detail_type,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A row as a person wants to read it."""

    key: str
    title: str
    state: str
    timeline: Sequence[Event]
    next: str

    def lines(self) -> list[str]:
        """Return it as lines of text."""
        told = [f"  {moment(event.at)}  {event.text}" for event in self.timeline]
        return [self.title, *told, f"  Next: {self.next}", ""]

    def data(self) -> dict[str, object]:
        """Return it with stable keys."""
        timeline = [{"at": event.at.isoformat(), "text": event.text} for event in self.timeline]
        return {
            "key": self.key,
            "title": self.title,
            "state": self.state,
            "timeline": timeline,
            "next": self.next,
        }


def story(row: Row, *, now: datetime) -> Story:
    """Tell a row of any kind."""
    match row:
        case Issuance():
            return _of_issuance(row, now)
        case Resolution():
            return _of_resolution(row, now)
        case Rejection():
            return _of_rejection(row, now)
        case _:
            raise TypeError(f"no story for {type(row).__name__}")


def _of_issuance(row: Issuance, now: datetime) -> Story:
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
        timeline=[start, *_steps(row)],
        next=next_of_issuance(row, now),
    )


def _of_resolution(row: Resolution, now: datetime) -> Story:
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
        timeline=[start, *_steps(row)],
        next=next_of_resolution(row, now),
    )


def _of_rejection(row: Rejection, now: datetime) -> Story:
    fields = f" (fields: {', '.join(row.fields)})" if row.fields else ""
    settled = "nothing; the producer has to correct it and send it again."
    return Story(
        key=row.key,
        title=f"Sign-up {row.signup_id}: not usable, {row.reason}{fields}",
        state="REJECTED",
        timeline=_steps(row),
        next=to_publish(row, now) or settled,
    )


def _signed_up(signup_id: str) -> str:
    return f"The customer signed up (sign-up {signup_id})."


def _steps(row: Row) -> list[Event]:
    steps = [Event(at=step.at, text=_told(step, row)) for step in row.trail]
    published = _published(row)
    if published is None:
        return steps
    # The trail keeps its order, whatever the clocks of several workers said.
    before = [place for place, step in enumerate(steps, 1) if step.at <= published.at]
    place = max(before, default=0)
    return [*steps[:place], published, *steps[place:]]


def _told(step: Step, row: Row) -> str:
    if step.what == "issued":
        return ISSUED.get(step.detail, f"The barcode was recorded ({step.detail}).")
    if step.what == "refused":
        return f"It was refused: {reason(step.detail)}."
    if step.what == "waiting" and isinstance(row, Resolution):
        return f"Coniq was asked for the customer, who is not known yet ({step.detail})."
    if step.what == "waiting":
        return f"It had to wait: {step.detail}."
    known = STEPS.get(step.what)
    if known is None:
        return f"{step.what}: {step.detail}".removesuffix(": ")
    return known.format(detail=step.detail)


def _published(row: Row) -> Event | None:
    if row.published_at is None:
        return None
    name = None if row.unpublished else _event_of(row)
    text = f"{name} was published on the bus." if name else "An outcome was published on the bus."
    return Event(at=row.published_at, text=text)


def _event_of(row: Row) -> str | None:
    if isinstance(row, Rejection):
        return SignUpRejected.detail_type
    return EVENTS.get(row.state) if isinstance(row, Issuance | Resolution) else None
