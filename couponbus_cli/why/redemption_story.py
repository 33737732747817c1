"""The stories of what polls have found: redemptions, notices, and low stocks."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from couponbus.aws.ledger.outbox_marks import outcome_of
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.recorded_redemption import (
    LastEvent,
    RecordedRedemption,
    RedemptionState,
)
from couponbus.domain.polling.stock import Stock
from couponbus.domain.row import Row, Step
from couponbus_cli.app.formatting import count, moment
from couponbus_cli.why.outlook import to_publish
from couponbus_cli.why.timeline import Event, Story, as_it_is, steps_of

DONE = "nothing; it is done."
STATES: Mapping[str, str] = {
    RedemptionState.BEFORE: "from before the watch, so no event was published",
    RedemptionState.RECORDED: "RECORDED",
    RedemptionState.REVERSED: "REVERSED",
}
STEPS: Mapping[str, str] = {
    LastEvent.RECORDED: "It was recorded.",
    LastEvent.UPDATED: "The provider shows other values, or shows it again: it was updated.",
    LastEvent.REVERSED: "The provider showed it no more: it was reversed.",
    "low": "Only {detail} codes were left.",
    "plenty": "There were enough codes again.",
}
NOTICES: Mapping[str, str] = {
    NoticeKind.OFFER_AVAILABLE: "The customer got an offer since the watch began",
    NoticeKind.OFFER_ENDED: "The customer's offer ended",
    NoticeKind.BARCODE_EXPIRING: "The customer's code expires soon",
    NoticeKind.CODE_VALIDITY_CHANGED: "The validity of the customer's code changed",
    NoticeKind.BUDGET_EXCEEDED: "More polls are due than the account's budget allows",
    NoticeKind.FIRST_POLL_LATE: "The first poll came late",
}
FROM_THE_PROGRAM = "its program, whose customers are new"
FROM_EITHER = f"an offer that was used up, or from {FROM_THE_PROGRAM}"


CODE_ERRORS: Mapping[str, str] = {
    "204": "204, Uniqodo knows no code of this customer",
    "209": "209, a rule of the promotion",
}


def code_error(number: str) -> str:
    """Return a provider's error number, with its meaning if that is known."""
    return CODE_ERRORS.get(number, number)


def story_of_redemption(row: RecordedRedemption, *, now: datetime) -> Story:
    """Return the story of a redemption."""
    text = ", ".join([f"{row.provider} {row.account}", *_facts(row)])
    settled = DONE
    if row.state is RedemptionState.RECORDED:
        settled = "nothing, unless the provider changes it or takes it back."
    return Story(
        key=row.key,
        title=f"Redemption {row.redemption_id}: {STATES[row.state]}; {text}",
        state=row.state,
        timeline=[*_seen(row), *steps_of(row, _sentence, event=_event_of(row))],
        next=to_publish(row, now) or settled,
    )


def story_of_notice(row: Notice, *, now: datetime) -> Story:
    """Return the story of a notice."""
    offer = "" if row.offer_id is None else f", offer {row.offer_id}"
    return Story(
        key=row.key,
        title=f"Notice {row.notice_id}: {row.kind}; {row.provider} {row.account}{offer}",
        state=row.kind,
        timeline=steps_of(row, lambda _: _announced(row), event=_event_of(row)),
        next=to_publish(row, now) or DONE,
    )


def story_of_stock(row: Stock, *, now: datetime) -> Story:
    """Return the story of a stock: how many codes were left at the last crossing."""
    state = "LOW" if row.is_low else "PLENTY"
    return Story(
        key=row.key,
        title=f"Stock of the offer {row.offer_id}: {state}; {row.provider} {row.account}",
        state=state,
        timeline=steps_of(row, _sentence, event=_event_of(row)),
        next=to_publish(row, now) or "nothing, until the number crosses a limit again.",
    )


def _facts(row: RecordedRedemption) -> Iterator[str]:
    value = row.value
    for name, fact in (
        ("offer", row.offer_id),
        ("code", row.code_masked),
        ("id at the provider", row.native_id),
        ("number", None if row.ordinal is None else str(row.ordinal)),
        ("order value", _money(value.order_value, value.currency)),
        ("discount", _money(value.discount_value, value.currency)),
    ):
        if fact is not None:
            yield f"{name} {fact}"
    if row.inferred:
        yield f"inferred from {FROM_THE_PROGRAM if row.native_id else FROM_EITHER}"


def _money(amount: str | None, currency: str | None) -> str | None:
    return amount and f"{amount} {currency or ''}".rstrip()


def _seen(row: RecordedRedemption) -> Iterator[Event]:
    redeemed_at = row.value.redeemed_at
    if redeemed_at is not None:
        assumed = ", in a zone that was assumed" if row.value.tz_assumed else ""
        text = f"The customer redeemed, by the provider's clock{assumed}."
        yield Event(at=redeemed_at, text=text)
    after = "" if row.seen_after is None else f"; it was not there yet {moment(row.seen_after)}"
    yield Event(at=row.seen_at, text=f"A poll showed it{after}.")


def _announced(row: Notice) -> str:
    facts = [NOTICES[row.kind]]
    if row.ends_at is not None:
        facts.append(f"it ends {moment(row.ends_at)}")
    if row.reason is not None:
        facts.append(row.reason)
    if row.kind is NoticeKind.CODE_VALIDITY_CHANGED:
        shown = ", ".join(map(code_error, row.errors))
        facts.append(f"not valid for use: {shown}" if shown else "no error is shown any more")
    if row.calls_due is not None:
        allowed = "no limit" if row.calls_allowed is None else f"{row.calls_allowed:,} allowed"
        facts.append(f"{row.calls_due:,} calls a day due, {allowed}")
    if row.kind is NoticeKind.FIRST_POLL_LATE and row.set_aside is not None:
        facts.append(f"not published of what it showed: {count(row.set_aside, 'redemption')}")
    return f"{'; '.join(facts)}."


def _sentence(step: Step) -> str:
    known = STEPS.get(step.what)
    return as_it_is(step) if known is None else known.format(detail=step.detail)


def _event_of(row: Row) -> str | None:
    return outcome_of(row) if row.outcomes else None
