"""Which criteria Coniq honours in GET /barcode (docs/providers.md#coniq-look-ups)."""

from dataclasses import dataclass

from couponbus_cli.probe.coniq_questions import (
    NOBODY,
    NOBODYS_CODE,
    NOBODYS_EMAIL,
    ConiqQuestions,
    Listing,
    Sample,
)
from couponbus_cli.probe.findings import (
    ABSENCE_STATUS,
    NOTHING_TO_CHANGE,
    Assumption,
    Finding,
    Verdict,
)

BY_CUSTOMER = Assumption(
    name="filter_customer_id",
    text="GET /barcode honours customer_id",
    change="nothing can be set: earlier barcodes are looked up by customer_id and offer_id, so"
    " prechecks and lookups by customer will not work",
)
BY_EMAIL = Assumption(
    name="filter_customer_email",
    text="GET /barcode honours customer_email",
    change="nothing: couponbus does not ask by e-mail",
)
BY_OFFER = Assumption(
    name="filter_offer_id",
    text="GET /barcode honours offer_id beside a customer",
    change="nothing: each answer is filtered again here",
)
BY_CODE = Assumption(
    name="filter_tracking_code",
    text="GET /barcode honours tracking_code",
    change="account: lookup = customer_and_offer",
)
UNKNOWN = Assumption(
    name="unknown_criterion",
    text="a criterion that Coniq does not know is refused, not ignored",
    change=f"{NOTHING_TO_CHANGE}; simulator: unknown_filters = ignore",
)
NO_CRITERION = Assumption(
    name="no_criterion",
    text="GET /barcode without any criterion is refused",
    change="nothing: couponbus never asks like this",
)
NOTHING_FOUND = Assumption(
    name="nothing_found",
    text="nothing found is 200 and []",
    change=ABSENCE_STATUS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """The findings about look-ups; `anchor` is a criterion that is known to narrow them."""

    findings: list[Finding]
    anchor: dict[str, str]
    listed: Listing
    tracking_code: str | None
    code_missed: Listing


def look_up(ask: ConiqQuestions, sample: Sample) -> Lookups:
    """Try one criterion after the other, with an existing and an unknown value."""
    by_id = {"customer_id": str(sample.customer_id)}
    listed = ask.barcodes(**by_id)
    if listed.reply.is_no_access:
        ask.caller.stop("the key was refused")
    misses = [ask.barcodes(customer_id=NOBODY)]
    findings = [_judged(BY_CUSTOMER, hit=listed, miss=misses[0], sample=sample)]
    anchor = by_id
    if findings[0].verdict is Verdict.DIFFERS:
        anchor, listed = {}, Listing(reply=listed.reply, items=None)
    if sample.email is None:
        findings.append(BY_EMAIL.not_told("give --email"))
    else:
        by_email = {"customer_email": sample.email}
        found = ask.barcodes(**by_email)
        misses.append(ask.barcodes(customer_email=NOBODYS_EMAIL))
        findings.append(_judged(BY_EMAIL, hit=found, miss=misses[-1], sample=sample))
        if not anchor and findings[-1].verdict is not Verdict.DIFFERS:
            anchor, listed = by_email, found
    if anchor:
        misses.append(ask.barcodes(**anchor, offer_id=NOBODY))
        findings.append(_beside(BY_OFFER, before=listed, miss=misses[-1]))
    else:
        findings.append(BY_OFFER.not_told("no criterion for the customer works"))
    misses.append(ask.barcodes(**anchor, tracking_code=NOBODYS_CODE))
    findings.append(_nothing_found(misses))
    return Lookups(
        findings=findings,
        anchor=anchor,
        listed=listed,
        tracking_code=sample.tracking_code or _code_in(listed),
        code_missed=misses[-1],
    )


def judge_code(lookups: Lookups, *, hit: Listing | None, code: str | None) -> Finding:
    """Judge the look-up by tracking code; `hit` is the look-up of this code alone."""
    missed = lookups.code_missed
    if missed.items:
        return BY_CODE.differs(f"ignored: {missed.said} for an unknown code")
    if hit is not None and hit.items and not hit.all_have("tracking_code", code):
        return BY_CODE.differs(f"ignored: {hit.said}, also with other codes")
    if hit is None or hit.is_nothing:
        return _beside(BY_CODE, before=lookups.listed, miss=missed)
    if missed.is_nothing and hit.items:
        return BY_CODE.holds(f"{hit.said} for a code, {missed.said} for an unknown one")
    return _beside(BY_CODE, before=lookups.listed, miss=hit if hit.items is None else missed)


def judge_unknown(lookups: Lookups, ask: ConiqQuestions) -> Finding:
    """Look up by a criterion that does not exist, beside one that works."""
    if not lookups.anchor:
        return UNKNOWN.not_told("no criterion for the customer works")
    asked = ask.barcodes(**lookups.anchor, couponbus_probe="1")
    if asked.reply.is_refusal and not asked.is_nothing:
        return UNKNOWN.holds(asked.said)
    if asked.items is None:
        return UNKNOWN.not_told(asked.said)
    if lookups.listed.items and not asked.items:
        return UNKNOWN.differs(f"{asked.said} instead of {lookups.listed.said}: taken for a filter")
    return UNKNOWN.differs(f"ignored: {asked.said}, as without it")


def judge_no_criterion(ask: ConiqQuestions) -> Finding:
    """Look up without a criterion; an answer that is too large is not read."""
    asked = ask.barcodes()
    if asked.reply.is_refusal and not asked.is_nothing:
        return NO_CRITERION.holds(asked.said)
    if asked.reply.is_too_large:
        return NO_CRITERION.differs("everything: too large to read")
    if asked.items is None:
        return NO_CRITERION.not_told(asked.said)
    return NO_CRITERION.differs(f"answered: {asked.said}")


def _judged(assumption: Assumption, *, hit: Listing, miss: Listing, sample: Sample) -> Finding:
    if miss.items:
        return assumption.differs(f"ignored: {miss.said} for an unknown customer")
    if hit.items and not hit.all_have("customer_id", sample.customer_id):
        return assumption.differs(f"ignored: {hit.said}, also of other customers")
    if hit.items:
        judged = assumption.holds if miss.is_nothing else assumption.not_told
        return judged(f"{hit.said} of this customer only, {miss.said} of an unknown one")
    if hit.reply.is_refusal and not hit.is_nothing:
        return assumption.differs(f"refused: {hit.said}")
    if hit.is_nothing and miss.is_nothing:
        return assumption.not_told("the customer has no barcode: give one that has")
    return assumption.not_told(hit.said)


def _beside(assumption: Assumption, *, before: Listing, miss: Listing) -> Finding:
    """Judge a criterion that was added, with an unknown value, to one that works."""
    if miss.items:
        return assumption.differs(f"ignored: {miss.said} for an unknown value")
    if miss.reply.is_refusal and not miss.is_nothing:
        return assumption.differs(f"refused: {miss.said}")
    if miss.is_nothing and before.items:
        return assumption.holds(f"{miss.said} for an unknown value, {before.said} without")
    return assumption.not_told(miss.said if not miss.is_nothing else "nothing to leave out")


def _nothing_found(misses: list[Listing]) -> Finding:
    telling = [each for each in misses if each.is_nothing]
    if not telling:
        return NOTHING_FOUND.not_told("no question had an empty answer")
    said = sorted({each.said for each in telling})
    if any(each.items is None for each in telling):
        return NOTHING_FOUND.differs(" or ".join(said))
    return NOTHING_FOUND.holds(said[0])


def _code_in(listed: Listing) -> str | None:
    codes = (item.get("tracking_code") for item in listed.items or ())
    return next((code for code in codes if isinstance(code, str) and code), None)
