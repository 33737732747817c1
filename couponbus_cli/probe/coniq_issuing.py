"""How Coniq issues barcodes; called on test systems only (docs/providers.md#coniq-barcodes)."""

from dataclasses import dataclass, field
from datetime import timedelta

from couponbus.domain.issuing.barcode import Channel
from couponbus.providers.coniq.fields import as_moment
from couponbus_cli.probe.caller import Reply
from couponbus_cli.probe.clocks import provider_time
from couponbus_cli.probe.coniq_calls import ConiqCalls, Listing, Sample, listing_of
from couponbus_cli.probe.findings import NOTHING_TO_CHANGE, Assumption, Finding
from couponbus_cli.probe.forms import kind_of

CODE_MAX = 64
FRESH = timedelta(minutes=10)
ISSUED = Assumption(
    name="issue_status", text="POST /barcode answers 201 and the barcode", change=NOTHING_TO_CHANGE
)
ECHO = Assumption(
    name="tracking_code_echo",
    text="a barcode comes back with the tracking code that was sent",
    change="account: lookup = customer_and_offer",
)
LENGTH = Assumption(
    name="tracking_code_length",
    text=f"a tracking code may have {CODE_MAX} characters",
    change="program: a shorter tracking_prefix; simulator: tracking_code_max",
)
DUPLICATES = Assumption(
    name="duplicates",
    text="a second POST for the same customer and offer makes a second barcode",
    change="account: lookup = customer_and_offer, as codes of later calls are lost; simulator:"
    " duplicates = reuse",
)
UTC_TIME = Assumption(
    name="created_is_utc",
    text="created_datetime_utc of a new barcode is the present in UTC",
    change="nothing can be set: do not rely on the time of issue",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRequests:
    """The requests of one run, each with a tracking code that was never used."""

    sample: Sample
    channel: Channel
    run: str = field(repr=False)

    def code(self, name: str, *, length: int = 0) -> str:
        """Return a tracking code, filled up to a length."""
        return f"probe-{self.run[:20]}-{name}".ljust(length, "x")

    def valid(self, code: str) -> dict[str, object]:
        """Return a request for the sample's customer and offer."""
        return {
            "offer_id": self.sample.offer_id,
            "customer_id": self.sample.customer_id,
            "channel": self.channel.value,
            "tracking_code": code,
        }

    def invalid(self, code: str) -> dict[str, object]:
        """Return a request that Coniq cannot fulfil."""
        return {**self.valid(code), "channel": "NO_SUCH_CHANNEL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The results of the two POSTs of one barcode each."""

    findings: list[Finding]
    numbers: frozenset[str]


def issue_twice(calls: ConiqCalls, requests: IssueRequests, *, known: Listing) -> Issued:
    """Issue the same offer twice; `known` lists the earlier barcodes of the customer."""
    long_code, short_code = requests.code("one", length=CODE_MAX), requests.code("one")
    first, code = calls.issue(requests.valid(long_code)), long_code
    length = _judge_length(first)
    if first.is_refusal:
        first, code = calls.issue(requests.valid(short_code)), short_code
        length = LENGTH.differs(f"refused, {first.summary} for a shorter one")
        if not first.is_ok:
            length = LENGTH.unproven("a shorter one is refused as well")
    second = calls.issue(requests.valid(requests.code("two")))
    findings = [
        _judge_status(first),
        length,
        _judge_echo(first, code=code),
        _judge_duplicates(first, second, known=known),
        _judge_time(first),
    ]
    return Issued(findings=findings, numbers=_numbers(first) | _numbers(second))


def _judge_status(first: Reply) -> Finding:
    if first.status is None:
        return ISSUED.unproven(first.summary)
    number = first.fields.get("barcode_number")
    evidence = f"{first.summary}, barcode_number is {kind_of(number)}"
    if first.status == 201 and isinstance(number, str):  # noqa: PLR2004 - Created
        return ISSUED.holds(evidence)
    if first.is_ok:
        return ISSUED.differs(evidence)
    return ISSUED.differs(first.summary, change="ask Coniq: the customer, the offer or the key")


def _judge_length(first: Reply) -> Finding:
    return LENGTH.holds(first.summary) if first.is_ok else LENGTH.unproven(first.summary)


def _judge_echo(first: Reply, *, code: str) -> Finding:
    if not first.is_ok:
        return ECHO.unproven(first.summary)
    came = first.fields.get("tracking_code")
    if came == code:
        return ECHO.holds(f"all {len(code)} characters")
    if isinstance(came, str) and came and code.startswith(came):
        return ECHO.differs(f"cut to {len(came)} characters")
    return ECHO.differs("another code" if isinstance(came, str) else kind_of(came))


def _judge_duplicates(first: Reply, second: Reply, *, known: Listing) -> Finding:
    if not _numbers(first) or not _numbers(second):
        return DUPLICATES.unproven(f"{first.summary}, then {second.summary}")
    earlier = frozenset(str(item.get("barcode_number")) for item in known.items or ())
    if _numbers(second) <= _numbers(first) | earlier:
        return DUPLICATES.differs("the barcode that there was already")
    return DUPLICATES.holds("another barcode")


def _judge_time(first: Reply) -> Finding:
    created = as_moment(first.fields.get("created_datetime_utc"))
    if created is None:
        return UTC_TIME.unproven("no time that can be read")
    apart = created - (provider_time(first) or first.received_at)
    if abs(apart) <= FRESH:
        return UTC_TIME.holds("within minutes of the answer's Date")
    hours = apart.total_seconds() / 3600
    return UTC_TIME.differs(f"{hours:+.1f} hours from the answer's Date (an old one, or no UTC)")


def _numbers(reply: Reply) -> frozenset[str]:
    items = listing_of(reply).items or ()
    return frozenset(str(item["barcode_number"]) for item in items if item.get("barcode_number"))
