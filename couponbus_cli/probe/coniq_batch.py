"""How Coniq handles a batch; called on test systems only (docs/providers.md#coniq-batches)."""

from collections.abc import Sequence
from dataclasses import dataclass

from couponbus_cli.probe.coniq_calls import ConiqCalls, Item, Listing, listing_of
from couponbus_cli.probe.coniq_issuing import IssueRequests
from couponbus_cli.probe.findings import NOTHING_TO_CHANGE, Assumption, Finding
from couponbus_cli.probe.forms import listed

ENVELOPE = "barcodes"
REQUEST = Assumption(
    name="batch_request",
    text="a batch is sent as a bare array",
    change=f"account: batch_envelope = {ENVELOPE}",
)
ANSWER = Assumption(name="batch_answer", text="a batch is answered with a bare array")
COMPLETE = Assumption(
    name="batch_complete",
    text="a batch is answered with a barcode for each item, with its tracking code",
    change="ask Coniq first: barcodes under another code are matched by customer and offer, the"
    " rest is left to an operator",
)
ORDER = Assumption(name="batch_order", text="the answer keeps the order of the batch")
PARTIAL = Assumption(
    name="batch_partial",
    text="an item that cannot be issued does not fail the others of its batch",
    change="nothing: what was refused is looked up and sent in halves; simulator: batch_mode ="
    " atomic",
)
BLAME = Assumption(
    name="item_errors",
    text="the error of an item names only its position",
    change="account: item_errors_trusted = true, if such items were never issued",
)
VISIBLE = Assumption(
    name="visible_at_once",
    text="a new barcode can be looked up at once",
    change="nothing: it is looked up again later; simulator: barcode_delay_seconds",
)
WHOLE = Assumption(
    name="list_is_whole",
    text="a list has all barcodes of a customer, without pages",
    change="account: lookup = tracking_code; simulator: list_cap",
)
_NOT_ISSUED = "no batch was issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batched:
    """The results of both batches, and the tracking codes that the first one issued."""

    findings: list[Finding]
    codes: Sequence[str]
    good_code: str
    mixed: Listing


def issue_batches(calls: ConiqCalls, requests: IssueRequests) -> Batched:
    """Send a batch of two items, then a batch of a good and a bad item."""
    codes = (requests.code("first"), requests.code("second"))
    both = [requests.valid(code) for code in codes]
    envelope = None
    answer = listing_of(calls.issue_batch(both, envelope=None))
    request = REQUEST.unproven(answer.summary)
    if answer.items:
        request = REQUEST.holds(answer.reply.summary)
    elif answer.reply.is_refusal:
        envelope = ENVELOPE
        refused, answer = answer, listing_of(calls.issue_batch(both, envelope=envelope))
        request = REQUEST.unproven(f"{refused.summary}, and {answer.summary} for one in an object")
        if answer.items:
            request = REQUEST.differs(
                f"{refused.summary}, but {answer.reply.summary} in {ENVELOPE!r}"
            )
    good = requests.code("good")
    sent = [requests.valid(good), requests.invalid(requests.code("bad"))]
    mixed = listing_of(calls.issue_batch(sent, envelope=envelope))
    findings = [request, _answer(answer), _complete(answer, codes), _order(answer, codes)]
    issued = [code for code in codes if code in _codes(answer)]
    return Batched(findings=findings, codes=issued, good_code=good, mixed=mixed)


def judge_mixed(batched: Batched, *, later: Listing) -> list[Finding]:
    """Judge the batch with a bad item; `later` lists all barcodes of the customer after it."""
    mixed = batched.mixed
    if mixed.reply.status is None or mixed.reply.is_no_access:
        return [PARTIAL.unproven(mixed.summary), BLAME.unproven(mixed.summary)]
    # Any barcode in the answer belongs to the good item, with any tracking code.
    was_issued = bool(_codes(mixed)) or batched.good_code in _codes(later)
    good = "the other was issued" if was_issued else "the other was not found"
    if not mixed.reply.is_ok:
        partial = PARTIAL.differs(f"{mixed.summary}, {good}")
        return [partial, BLAME.unproven("no answer had an item with an error")]
    evidence = f"{mixed.reply.summary}, {good}"
    partial = PARTIAL.holds(evidence) if was_issued else PARTIAL.differs(evidence)
    bad = [item for item in mixed.items or () if "barcode_number" not in item]
    return [partial, _blame(bad)]


def judge_visible(batched: Batched, *, hit: Listing | None) -> Finding:
    """Judge whether the batch can be found; `hit` is the look-up of its last item's code."""
    if hit is None:
        return VISIBLE.unproven(_NOT_ISSUED)
    if hit.items is not None or hit.is_nothing:
        seen = batched.codes[-1] in _codes(hit)
        return (VISIBLE.holds if seen else VISIBLE.differs)(hit.summary)
    return VISIBLE.unproven(hit.summary)


def judge_whole(batched: Batched, *, later: Listing, hit: Listing | None) -> Finding:
    """Judge the customer's list by the barcodes that it must contain."""
    if hit is None or batched.codes[-1] not in _codes(hit) or later.items is None:
        return WHOLE.unproven("nothing is known that it should contain")
    missing = [code for code in batched.codes if code not in _codes(later)]
    if missing:
        return WHOLE.differs(f"{later.summary}, without {len(missing)} that can be looked up")
    return WHOLE.holds(f"{later.summary}, the new ones among them")


def _answer(answer: Listing) -> Finding:
    if not answer.items:
        return ANSWER.unproven(_NOT_ISSUED)
    if answer.lists:
        return ANSWER.differs(
            f"an object with {listed(answer.lists)}",
            change=f"{NOTHING_TO_CHANGE}; simulator: batch_answer",
        )
    return ANSWER.holds(answer.summary)


def _complete(answer: Listing, codes: Sequence[str]) -> Finding:
    if not answer.items:
        return COMPLETE.unproven(_NOT_ISSUED)
    found = _codes(answer)
    ours = len(found & {*codes})
    others = len(answer.items) - ours
    evidence = f"{ours} of {len(codes)}, and {others} others"
    if ours < len(codes) or others:
        return COMPLETE.differs(evidence)
    return COMPLETE.holds(evidence)


def _order(answer: Listing, codes: Sequence[str]) -> Finding:
    came = [item.get("tracking_code") for item in answer.items or ()]
    ours = [code for code in came if code in codes]
    if {*ours} != {*codes}:
        return ORDER.unproven("not both came back")
    in_order = list(dict.fromkeys(ours)) == list(codes)
    return ORDER.holds("it does") if in_order else ORDER.differs("another order")


def _blame(bad: Sequence[Item]) -> Finding:
    if not bad:
        return BLAME.unproven("no answer had an item with an error")
    names = [n for n in ("index", "tracking_code", "customer_id", "offer_id") if n in bad[0]]
    evidence = f"it has {listed(names)}"
    ids = [name for name in names if name != "index"]
    if "tracking_code" in ids or {"customer_id", "offer_id"} <= {*ids}:
        return BLAME.differs(evidence)
    return BLAME.holds(evidence)


def _codes(found: Listing) -> set[object]:
    return {item.get("tracking_code") for item in found.items or () if item.get("barcode_number")}
