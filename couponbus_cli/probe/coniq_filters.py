"""Which criteria Coniq honours in GET /barcode (docs/providers.md#coniq-look-ups)."""

from dataclasses import dataclass

from couponbus_cli.probe.coniq_calls import (
    UNKNOWN_CODE,
    UNKNOWN_EMAIL,
    UNKNOWN_ID,
    ConiqCalls,
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
    change="nothing: couponbus does not look up by e-mail",
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
    change="nothing: couponbus never sends this",
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


def look_up(calls: ConiqCalls, sample: Sample) -> Lookups:
    """Try one criterion after the other, with an existing and an unknown value."""
    by_id = {"customer_id": str(sample.customer_id)}
    listed = calls.barcodes(**by_id)
    if listed.reply.is_no_access:
        calls.caller.stop("the key was refused")
    misses = [calls.barcodes(customer_id=UNKNOWN_ID)]
    findings = [_judge(BY_CUSTOMER, hit=listed, miss=misses[0], sample=sample)]
    anchor = by_id
    if findings[0].verdict is Verdict.DIFFERS:
        anchor, listed = {}, Listing(reply=listed.reply, items=None)
    if sample.email is None:
        findings.append(BY_EMAIL.unproven("give --email"))
    else:
        by_email = {"customer_email": sample.email}
        found = calls.barcodes(**by_email)
        misses.append(calls.barcodes(customer_email=UNKNOWN_EMAIL))
        findings.append(_judge(BY_EMAIL, hit=found, miss=misses[-1], sample=sample))
        if not anchor and findings[-1].verdict is not Verdict.DIFFERS:
            anchor, listed = by_email, found
    if anchor:
        misses.append(calls.barcodes(**anchor, offer_id=UNKNOWN_ID))
        findings.append(_beside(BY_OFFER, before=listed, miss=misses[-1]))
    else:
        findings.append(BY_OFFER.unproven("no criterion for the customer works"))
    misses.append(calls.barcodes(**anchor, tracking_code=UNKNOWN_CODE))
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
        return BY_CODE.differs(f"ignored: {missed.summary} for an unknown code")
    if hit is not None and hit.items and not hit.all_have("tracking_code", code):
        return BY_CODE.differs(f"ignored: {hit.summary}, also with other codes")
    if hit is None or hit.is_nothing:
        return _beside(BY_CODE, before=lookups.listed, miss=missed)
    if missed.is_nothing and hit.items:
        return BY_CODE.holds(f"{hit.summary} for a code, {missed.summary} for an unknown one")
    return _beside(BY_CODE, before=lookups.listed, miss=hit if hit.items is None else missed)


def judge_unknown(lookups: Lookups, calls: ConiqCalls) -> Finding:
    """Look up by a criterion that does not exist, beside one that works."""
    if not lookups.anchor:
        return UNKNOWN.unproven("no criterion for the customer works")
    answer = calls.barcodes(**lookups.anchor, couponbus_probe="1")
    if answer.reply.is_refusal and not answer.is_nothing:
        return UNKNOWN.holds(answer.summary)
    if answer.items is None:
        return UNKNOWN.unproven(answer.summary)
    if lookups.listed.items and not answer.items:
        return UNKNOWN.differs(
            f"{answer.summary} instead of {lookups.listed.summary}: taken for a filter"
        )
    return UNKNOWN.differs(f"ignored: {answer.summary}, as without it")


def judge_no_criterion(calls: ConiqCalls) -> Finding:
    """Look up without a criterion; an answer that is too large is not read."""
    answer = calls.barcodes()
    if answer.reply.is_refusal and not answer.is_nothing:
        return NO_CRITERION.holds(answer.summary)
    if answer.reply.is_too_large:
        return NO_CRITERION.differs("everything: too large to read")
    if answer.items is None:
        return NO_CRITERION.unproven(answer.summary)
    return NO_CRITERION.differs(f"answered: {answer.summary}")


def _judge(assumption: Assumption, *, hit: Listing, miss: Listing, sample: Sample) -> Finding:
    if miss.items:
        return assumption.differs(f"ignored: {miss.summary} for an unknown customer")
    if hit.items and not hit.all_have("customer_id", sample.customer_id):
        return assumption.differs(f"ignored: {hit.summary}, also of other customers")
    if hit.items:
        judged = assumption.holds if miss.is_nothing else assumption.unproven
        return judged(f"{hit.summary} of this customer only, {miss.summary} of an unknown one")
    if hit.reply.is_refusal and not hit.is_nothing:
        return assumption.differs(f"refused: {hit.summary}")
    if hit.is_nothing and miss.is_nothing:
        return assumption.unproven("the customer has no barcode: give one that has")
    return assumption.unproven(hit.summary)


def _beside(assumption: Assumption, *, before: Listing, miss: Listing) -> Finding:
    """Judge a criterion that was added, with an unknown value, to one that works."""
    if miss.items:
        return assumption.differs(f"ignored: {miss.summary} for an unknown value")
    if miss.reply.is_refusal and not miss.is_nothing:
        return assumption.differs(f"refused: {miss.summary}")
    if miss.is_nothing and before.items:
        return assumption.holds(f"{miss.summary} for an unknown value, {before.summary} without")
    return assumption.unproven(miss.summary if not miss.is_nothing else "nothing to leave out")


def _nothing_found(misses: list[Listing]) -> Finding:
    empty = [each for each in misses if each.is_nothing]
    if not empty:
        return NOTHING_FOUND.unproven("no call had an empty answer")
    evidence = sorted({each.summary for each in empty})
    if any(each.items is None for each in empty):
        return NOTHING_FOUND.differs(" or ".join(evidence))
    return NOTHING_FOUND.holds(evidence[0])


def _code_in(listed: Listing) -> str | None:
    codes = (item.get("tracking_code") for item in listed.items or ())
    return next((code for code in codes if isinstance(code, str) and code), None)
