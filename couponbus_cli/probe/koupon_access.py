"""Access to Koupon: signatures, clocks, Accept (docs/providers.md#koupon-signatures)."""

from dataclasses import dataclass
from http import HTTPStatus

from couponbus_cli.probe.clocks import seconds_ahead
from couponbus_cli.probe.findings import Assumption, Finding, Verdict
from couponbus_cli.probe.koupon_questions import KouponQuestions, Manner, Offers

CLOSE = 60.0
YOUNG, OLD = 240.0, 600.0
SIGNATURE = Assumption(
    name="signature",
    text="a URL signed with HMAC-SHA1 in hex, as it is sent, is accepted",
    change="the secret (identifier and secret), or base_url",
)
CLOCK = Assumption(
    name="clock",
    text="our clock and Koupon's are less than a minute apart",
    change="this machine's clock; tell Koupon if theirs is wrong",
)
SPOILT = Assumption(name="bad_signature", text="a wrong signature is 401")
YOUNG_ENOUGH = Assumption(
    name="timestamp_of_4_minutes",
    text="a timestamp 4 minutes old is accepted",
    change="account: skew_seconds, smaller; simulator: signature_ttl_seconds",
)
TOO_OLD = Assumption(
    name="timestamp_of_10_minutes",
    text="a timestamp 10 minutes old is refused",
    change="account: skew_seconds, larger; simulator: signature_ttl_seconds",
)
BEHIND = Assumption(
    name="behind_signature",
    text="parameters after authSignature are not signed and do no harm",
    change="nothing: couponbus sends none; simulator: after_signature = refuse",
)
ACCEPT = Assumption(
    name="accept",
    text="an Accept other than application/json is 406",
    change="nothing: couponbus sends it; simulator: accept = any",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The first accepted request for a list, or the last refused one."""

    findings: list[Finding]
    offers: Offers


def enter(ask: KouponQuestions) -> Entry:
    """Call until accepted: with the provider's clock, then with the other scheme signed."""
    offers = first = ask.offers()
    ahead = seconds_ahead(first.reply)
    signature = _judged(offers)
    if ahead is not None and abs(ahead) > CLOSE:
        ask.ahead = ahead
    if offers.reply.is_no_access and ask.ahead:
        offers = ask.offers()
        if not offers.reply.is_no_access:
            signature = SIGNATURE.holds(f"{offers.reply.said} with Koupon's own time")
    if offers.reply.is_no_access:
        ask.is_other_scheme = True
        offers = ask.offers()
        signature = _judged_by_scheme(offers)
    if offers.reply.is_no_access:
        ask.caller.stop("the signature was refused")
    return Entry(findings=[signature, _judged_clock(ahead)], offers=offers)


def knock(ask: KouponQuestions) -> list[Finding]:
    """Send the requests that Koupon should refuse, and some that it should accept."""
    return [
        _refused_as(
            SPOILT, ask.offers(manner=Manner(is_spoilt=True)), status=HTTPStatus.UNAUTHORIZED
        ),
        _let_in(YOUNG_ENOUGH, ask.offers(manner=Manner(age=YOUNG))),
        _kept_out(TOO_OLD, ask.offers(manner=Manner(age=OLD))),
        _let_in(BEHIND, ask.offers(manner=Manner(behind="&couponbus_probe=1"))),
        _refused_as(
            ACCEPT, ask.offers(manner=Manner(accept="*/*")), status=HTTPStatus.NOT_ACCEPTABLE
        ),
    ]


def _judged(offers: Offers) -> Finding:
    if offers.reply.is_no_access:
        return SIGNATURE.differs(offers.reply.said)
    if offers.reply.is_ok or offers.reply.is_refusal:
        return SIGNATURE.holds(offers.reply.said)
    return SIGNATURE.not_told(offers.reply.said)


def _judged_by_scheme(offers: Offers) -> Finding:
    found = _judged(offers)
    if found.verdict is not Verdict.HOLDS:
        return found
    return SIGNATURE.differs(
        f"{found.evidence} only where http and https are exchanged in what is signed",
        change="a server in front changes the scheme: tell Koupon, or ask under the other scheme",
    )


def _judged_clock(ahead: float | None) -> Finding:
    if ahead is None:
        return CLOCK.not_told("the answer has no Date")
    said = f"Koupon's is {ahead:+.0f} s from ours"
    return CLOCK.holds(said) if abs(ahead) <= CLOSE else CLOCK.differs(said)


def _refused_as(assumption: Assumption, offers: Offers, *, status: int) -> Finding:
    reply = offers.reply
    if reply.status is None:
        return assumption.not_told(reply.said)
    return (
        assumption.holds(reply.said) if reply.status == status else assumption.differs(reply.said)
    )


def _let_in(assumption: Assumption, offers: Offers) -> Finding:
    if offers.reply.status is None:
        return assumption.not_told(offers.said)
    refused = offers.reply.is_no_access or offers.reply.is_refusal
    return (assumption.differs if refused else assumption.holds)(offers.reply.said)


def _kept_out(assumption: Assumption, offers: Offers) -> Finding:
    if offers.reply.status is None:
        return assumption.not_told(offers.said)
    refused = offers.reply.is_no_access
    return (assumption.holds if refused else assumption.differs)(offers.reply.said)
