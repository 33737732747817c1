"""What happened to a row, in plain sentences, and what will happen next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cli.telling import moment, reason, when
from couponbus.domain.barcode import masked
from couponbus.domain.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.rejection import Rejection
from couponbus.domain.resolution import Resolution, ResolutionState
from couponbus.domain.row import Row, Step

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
        timeline=[start, *_steps(row), *_published(row)],
        next=_next_of_issuance(row, now),
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
        timeline=[start, *_steps(row), *_published(row)],
        next=_next_of_resolution(row, now),
    )


def _of_rejection(row: Rejection, now: datetime) -> Story:
    fields = f" (fields: {', '.join(row.fields)})" if row.fields else ""
    settled = "nothing; the producer has to correct it and send it again."
    return Story(
        key=row.key,
        title=f"Sign-up {row.signup_id}: not usable, {row.reason}{fields}",
        state="REJECTED",
        timeline=[*_steps(row), *_published(row)],
        next=_to_publish(row, now) or settled,
    )


def _signed_up(signup_id: str) -> str:
    return f"The customer signed up (sign-up {signup_id})."


def _steps(row: Row) -> list[Event]:
    return [Event(at=step.at, text=_told(step, row)) for step in row.trail]


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


def _published(row: Row) -> list[Event]:
    if row.published_at is None:
        return []
    return [Event(at=row.published_at, text="The outcome was published on the bus.")]


def _to_publish(row: Row, now: datetime) -> str:
    if not row.unpublished:
        return ""
    latest = f", at the latest {when(row.due_at, now)}" if row.due_at else ""
    return f"the outcome is published on the bus{latest}."


def _next_of_issuance(row: Issuance, now: datetime) -> str:
    match row.state:
        case IssuanceState.PENDING:
            return f"Coniq is asked for the barcode {_from(row, now)}."
        case IssuanceState.REQUESTED:
            return _next_of_requested(row, now)
        case IssuanceState.AMBIGUOUS:
            return _choices(row)
        case IssuanceState.REJECTED if row.may_reopen:
            settled = "nothing, unless the customer signs up again."
        case _:
            settled = "nothing; it is done."
    return _to_publish(row, now) or settled


def _next_of_requested(row: Issuance, now: datetime) -> str:
    if row.claim_deadline is not None and row.claim_deadline > now and row.doubt is None:
        ready = f" {_from(row, now)}" if row.ready_at else ""
        return f"an attempt is under way; if nothing is heard of it, it is looked up{ready}."
    return f"it is looked up at Coniq {_from(row, now)}."


def _from(row: Row, now: datetime) -> str:
    if not row.is_ready(now) and row.ready_at is not None:
        return f"from {when(row.ready_at, now)} on"
    if row.due_at is not None and row.due_at > now:
        return f"as soon as a worker has it, and is handed over again {when(row.due_at, now)}"
    return "as soon as the sweeper hands it over, within a minute or two"


def _choices(row: Issuance) -> str:
    found = ", ".join(masked(number) for number in row.candidates) or "none"
    return (
        f"a person has to decide. Reason: {row.reason}; barcodes found: {found}. Use"
        f" couponbus resolve {row.issuance_id} with --choose LAST4 or --reissue, and --reason"
    )


def _next_of_resolution(row: Resolution, now: datetime) -> str:
    match row.state:
        case ResolutionState.WAITING:
            return (
                f"Coniq is asked for the customer {_from(row, now)};"
                f" given up {when(row.give_up_at, now)}."
            )
        case ResolutionState.RESOLVED:
            return f"see the issuance of customer {row.customer_id}."
        case _:
            return _to_publish(row, now) or "nothing; it is done."
