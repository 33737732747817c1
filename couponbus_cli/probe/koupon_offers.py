"""The form of Koupon's answers and of its errors (docs/providers.md#koupon-answers)."""

from collections.abc import Sequence

from couponbus_cli.probe.caller import Reply
from couponbus_cli.probe.findings import NOTHING_TO_CHANGE, Assumption, Finding
from couponbus_cli.probe.forms import (
    KOUPON_TIME,
    ErrorForm,
    error_form,
    kind_of,
    kinds,
    listed,
    time_forms,
)
from couponbus_cli.probe.koupon_calls import Offers, WireOffer

DATES = ("offerStart", "offerEnd", "offerPublished")
MAYBE = ("secondaryImage", "displayStore", "redirect", "nativeAd", "loyaltyCard", "cpg")
STYLES = ("numCoupon", "numNativeAd", "numRedirect", "numLoyaltyCard")
CODE = Assumption(
    name="code",
    text="code is a number",
    change=f"{NOTHING_TO_CHANGE}; simulator: code = string",
)
VERSION = Assumption(name="version", text="version is text")
OFFER_ID = Assumption(
    name="offer_id",
    text="offerId is a number",
    change=f"{NOTHING_TO_CHANGE}; simulator: offer_id = string",
)
TIMES = Assumption(
    name="dates",
    text="offerStart, offerEnd and offerPublished are MM-DD-YY hh:mm:ss AM",
    change="nothing can be set: they are left out of events, only their texts are kept",
)
ABSENT = Assumption(
    name="absent_fields", text="what does not apply is null or absent", change=NOTHING_TO_CHANGE
)
SUMMARY = Assumption(
    name="summary",
    text="summary counts exactly the offers that are listed",
    change="nothing: a list that is short is reported as short",
)
STORES = Assumption(
    name="valid_at_stores",
    text="validAtStores has objects",
    change=f"{NOTHING_TO_CHANGE}; simulator: valid_at_stores = ids",
)
ERRORS = Assumption(
    name="error_form",
    text="an error is JSON with a code and a message",
    change=f"{NOTHING_TO_CHANGE}; simulator: error_style",
)
_NO_OFFERS = "no offer was seen"


def judge_form(offers: Offers) -> list[Finding]:
    """Judge the answer that lists everything."""
    items = offers.items or ()
    fields = offers.reply.fields if offers.reply.is_ok else {}
    return [
        _judge_kind(CODE, [fields["code"]] if "code" in fields else [], wanted="an integer"),
        _judge_kind(VERSION, [fields["version"]] if "version" in fields else [], wanted="text"),
        _judge_kind(OFFER_ID, [item.get("offerId") for item in items], wanted="an integer"),
        _judge_times(items),
        _judge_absent(items),
        _judge_summary(offers),
    ]


def judge_stores(offers: Offers | None) -> Finding:
    """Judge the answer to a call about a store, None if there was no such call."""
    if offers is None:
        return STORES.unproven("give --store")
    stores = [store for item in offers.items or () for store in _as_list(item.get("validAtStores"))]
    if not stores:
        return STORES.unproven(f"{offers.summary}, none with stores")
    return _judge_kind(STORES, stores, wanted="an object")


def judge_errors(replies: Sequence[Reply]) -> Finding:
    """Judge all refusals together."""
    forms = sorted({error_form(each) for each in replies if each.is_refusal or each.is_no_access})
    if not forms:
        return ERRORS.unproven("there was no error")
    evidence = listed(forms)
    return ERRORS.holds(evidence) if forms == [ErrorForm.MESSAGE] else ERRORS.differs(evidence)


def _judge_kind(assumption: Assumption, values: Sequence[object], *, wanted: str) -> Finding:
    if not values:
        return assumption.unproven("it was not seen")
    evidence = kinds(values)
    return assumption.holds(evidence) if evidence == wanted else assumption.differs(evidence)


def _judge_times(items: Sequence[WireOffer]) -> Finding:
    forms = time_forms(item[name] for item in items for name in DATES if item.get(name))
    if not forms:
        return TIMES.unproven(_NO_OFFERS if not items else "no offer has a date")
    return TIMES.holds(listed(forms)) if forms == [KOUPON_TIME] else TIMES.differs(listed(forms))


def _judge_absent(items: Sequence[WireOffer]) -> Finding:
    if not items:
        return ABSENT.unproven(_NO_OFFERS)
    states = (
        ("null", any(name in item and item[name] is None for item in items for name in MAYBE)),
        ("absent", any(name not in item for item in items for name in MAYBE)),
    )
    evidence = [state for state, is_seen in states if is_seen]
    return ABSENT.holds(listed(evidence)) if evidence else ABSENT.unproven("all are there")


def _judge_summary(offers: Offers) -> Finding:
    summary = offers.reply.fields.get("summary")
    if offers.items is None or not isinstance(summary, dict):
        return SUMMARY.unproven("there is none")
    counts = [summary.get(name) for name in STYLES]
    if not all(type(count) is int for count in counts):
        return SUMMARY.differs(
            f"a count is {kind_of(next(c for c in counts if type(c) is not int))}"
        )
    counted = sum(count for count in counts if isinstance(count, int))
    evidence = f"{counted} counted, {len(offers.items)} listed"
    return SUMMARY.holds(evidence) if counted == len(offers.items) else SUMMARY.differs(evidence)


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
