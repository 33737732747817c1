"""Access to Koupon: signatures, clocks, Accept (docs/providers.md#koupon-signatures)."""

from dataclasses import dataclass
from http import HTTPStatus

from couponbus_cli.probe.clocks import seconds_ahead
from couponbus_cli.probe.findings import Assumption, Finding, Verdict
from couponbus_cli.probe.koupon_calls import KouponCalls, Offers, Variation

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
BAD_SIGNATURE = Assumption(name="bad_signature", text="a wrong signature is 401")
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
class Access:
    """The first accepted request for a list, or the last refused one."""

    findings: list[Finding]
    offers: Offers


def open_access(calls: KouponCalls) -> Access:
    """Call until accepted: with the provider's clock, then with the other scheme signed."""
    offers = first = calls.offers()
    ahead = seconds_ahead(first.reply)
    signature = _judge(offers)
    if ahead is not None and abs(ahead) > CLOSE:
        calls.ahead = ahead
    if offers.reply.is_no_access and calls.ahead:
        offers = calls.offers()
        if not offers.reply.is_no_access:
            signature = SIGNATURE.holds(f"{offers.reply.summary} with Koupon's own time")
    if offers.reply.is_no_access:
        calls.is_other_scheme = True
        offers = calls.offers()
        signature = _judge_scheme(offers)
    if offers.reply.is_no_access:
        calls.caller.stop("the signature was refused")
    return Access(findings=[signature, _judge_clock(ahead)], offers=offers)


def judge_access(calls: KouponCalls) -> list[Finding]:
    """Send the requests that Koupon should refuse, and some that it should accept."""
    return [
        _refused_as(
            BAD_SIGNATURE,
            calls.offers(variation=Variation(has_bad_signature=True)),
            status=HTTPStatus.UNAUTHORIZED,
        ),
        _accepted(YOUNG_ENOUGH, calls.offers(variation=Variation(age=YOUNG))),
        _refused(TOO_OLD, calls.offers(variation=Variation(age=OLD))),
        _accepted(BEHIND, calls.offers(variation=Variation(suffix="&couponbus_probe=1"))),
        _refused_as(
            ACCEPT,
            calls.offers(variation=Variation(accept="*/*")),
            status=HTTPStatus.NOT_ACCEPTABLE,
        ),
    ]


def _judge(offers: Offers) -> Finding:
    if offers.reply.is_no_access:
        return SIGNATURE.differs(offers.reply.summary)
    if offers.reply.is_ok or offers.reply.is_refusal:
        return SIGNATURE.holds(offers.reply.summary)
    return SIGNATURE.unproven(offers.reply.summary)


def _judge_scheme(offers: Offers) -> Finding:
    found = _judge(offers)
    if found.verdict is not Verdict.HOLDS:
        return found
    return SIGNATURE.differs(
        f"{found.evidence} only where http and https are exchanged in what is signed",
        change="a server in front changes the scheme: tell Koupon, or use the other scheme",
    )


def _judge_clock(ahead: float | None) -> Finding:
    if ahead is None:
        return CLOCK.unproven("the answer has no Date")
    evidence = f"Koupon's is {ahead:+.0f} s from ours"
    return CLOCK.holds(evidence) if abs(ahead) <= CLOSE else CLOCK.differs(evidence)


def _refused_as(assumption: Assumption, offers: Offers, *, status: int) -> Finding:
    reply = offers.reply
    if reply.status is None:
        return assumption.unproven(reply.summary)
    return (
        assumption.holds(reply.summary)
        if reply.status == status
        else assumption.differs(reply.summary)
    )


def _accepted(assumption: Assumption, offers: Offers) -> Finding:
    if offers.reply.status is None:
        return assumption.unproven(offers.summary)
    refused = offers.reply.is_no_access or offers.reply.is_refusal
    return (assumption.differs if refused else assumption.holds)(offers.reply.summary)


def _refused(assumption: Assumption, offers: Offers) -> Finding:
    if offers.reply.status is None:
        return assumption.unproven(offers.summary)
    refused = offers.reply.is_no_access
    return (assumption.holds if refused else assumption.differs)(offers.reply.summary)
