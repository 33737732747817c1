"""The form of Uniqodo's records, money and times (docs/providers.md#uniqodo-answers)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.uniqodo.dates import Edge, stated_time
from couponbus_cli.probe.findings import NOTHING_TO_CHANGE, Assumption, Finding
from couponbus_cli.probe.forms import UNIQODO_TIME, WITH_OFFSET, kind_of, kinds, listed, time_forms
from couponbus_cli.probe.uniqodo_calls import Object, UniqodoHistory

OFFER_TIMES = ("start_date", "end_date", "code_issue_date", "code_expiry")
CANDIDATES = ("Europe/London", "UTC", "Europe/Berlin", "America/New_York")
SAME_CODE = timedelta(hours=14)
SLACK = timedelta(minutes=1)
ID = Assumption(
    name="record_id", text="a record's id is an integer", change="ask Uniqodo: nothing can be read"
)
MONEY = Assumption(
    name="money",
    text="order_value and discount_value are JSON numbers",
    change=f"{NOTHING_TO_CHANGE} if they are plain digits",
)
PARAMS = Assumption(
    name="custom_params",
    text="custom_params is null or a text with a JSON object",
    change="nothing: the text is kept as it is",
)
REDEEMED_AT = Assumption(
    name="redeemed_at",
    text="redeemed_at is ISO 8601 with an offset",
    change="account: zone, which then decides the moment",
)
OFFER_DATES = Assumption(
    name="offer_dates",
    text="dates of the offer are DD-MM-YYYY HH:MM:SS",
    change="nothing can be set: they are left out, only their texts are kept",
)
NO_EXPIRY = Assumption(
    name="no_expiry", text="a code that does not expire has an empty code_expiry"
)


def judge_records(histories: Sequence[UniqodoHistory]) -> list[Finding]:
    """Judge all records and offers together."""
    records = [record for each in histories for record in each.records]
    offers = [each.offer for each in histories if each.offer]
    return [
        _judge_id(records),
        _judge_money(records),
        _judge_params(records),
        _judge_redeemed_at(records),
        _judge_offer_dates(offers),
        _judge_no_expiry(offers),
    ]


def judge_zone(histories: Sequence[UniqodoHistory], *, zone: str) -> Finding:
    """Judge by the order of events: no code is redeemed before it is issued."""
    assumption = Assumption(
        name="zone",
        text=f"times without an offset are plausible as wall time of {zone}",
        change="account: zone (UNIQODO_TIMEZONE)",
    )
    pairs = list(_pairs(histories))
    names = tuple(dict.fromkeys((zone, *CANDIDATES)))
    impossible = {name for name in names if any(_contradicts(pair, zone=name) for pair in pairs)}
    possible = [name for name in names if name not in impossible]
    if not pairs:
        return assumption.unproven("no code with both times: give a --user who redeemed one")
    if not impossible:
        return assumption.unproven("every zone that was tried is possible")
    evidence = f"issued before redeemed in {listed(possible)}, not in {listed(sorted(impossible))}"
    return assumption.differs(evidence) if zone in impossible else assumption.holds(evidence)


def _pairs(histories: Sequence[UniqodoHistory]) -> Iterator[tuple[str, datetime]]:
    """Yield when a code was issued, as written, and its last redemption that has an offset."""
    for each in histories:
        issued = each.offer.get("code_issue_date")
        redeemed = [
            stated.at
            for record in each.records
            if isinstance(text := record.get("redeemed_at"), str)
            and (stated := stated_time(text, zone=ZoneInfo("UTC"), edge=Edge.LATEST)).at
            and not stated.tz_assumed
        ]
        moments = [at for at in redeemed if at is not None]
        if isinstance(issued, str) and moments:
            yield issued, max(moments)


def _contradicts(pair: tuple[str, datetime], *, zone: str) -> bool:
    text, redeemed = pair
    issued = stated_time(text, zone=ZoneInfo(zone), edge=Edge.EARLIEST).at
    # Much later is another code: the offer shows the last one only.
    return issued is not None and SLACK < issued - redeemed <= SAME_CODE


def _judge_id(records: Sequence[Object]) -> Finding:
    if not records:
        return ID.unproven(_NO_RECORDS)
    evidence = kinds(record.get("id") for record in records)
    return ID.holds(evidence) if evidence == "an integer" else ID.differs(evidence)


def _judge_money(records: Sequence[Object]) -> Finding:
    if not records:
        return MONEY.unproven(_NO_RECORDS)
    names = ("order_value", "discount_value")
    values = [record.get(name) for record in records for name in names]
    evidence = ", ".join(
        f"{name} is {kinds(record.get(name) for record in records)}" for name in names
    )
    are_numbers = all(kind_of(each) in _NUMBERS for each in values)
    return MONEY.holds(evidence) if are_numbers else MONEY.differs(evidence)


def _judge_params(records: Sequence[Object]) -> Finding:
    if not records:
        return PARAMS.unproven(_NO_RECORDS)
    forms = sorted({_params_form(record.get("custom_params")) for record in records})
    evidence = listed(forms)
    return PARAMS.holds(evidence) if {*forms} <= {"null", _JSON_TEXT} else PARAMS.differs(evidence)


def _params_form(value: object) -> str:
    if not isinstance(value, str):
        return kind_of(value)
    try:
        is_object = isinstance(strict_answer(value.encode()), dict)
    except (InputRejected, UnicodeEncodeError):
        is_object = False
    return _JSON_TEXT if is_object else "a text without a JSON object"


def _judge_redeemed_at(records: Sequence[Object]) -> Finding:
    forms = time_forms(record["redeemed_at"] for record in records if record.get("redeemed_at"))
    if not forms:
        return REDEEMED_AT.unproven(_NO_RECORDS)
    evidence = listed(forms)
    return REDEEMED_AT.holds(evidence) if forms == [WITH_OFFSET] else REDEEMED_AT.differs(evidence)


def _judge_offer_dates(offers: Sequence[Object]) -> Finding:
    forms = time_forms(offer[name] for offer in offers for name in OFFER_TIMES if offer.get(name))
    if not forms:
        return OFFER_DATES.unproven("no offer was seen")
    evidence = listed(forms)
    return OFFER_DATES.holds(evidence) if forms == [UNIQODO_TIME] else OFFER_DATES.differs(evidence)


def _judge_no_expiry(offers: Sequence[Object]) -> Finding:
    forms = time_forms(offer.get("code_expiry") for offer in offers if not offer.get("code_expiry"))
    if not forms:
        return NO_EXPIRY.unproven("every code that was seen expires")
    evidence = listed(forms)
    return NO_EXPIRY.holds(evidence) if forms == ["an empty text"] else NO_EXPIRY.differs(evidence)


_NO_RECORDS = "no record was seen: give a --user who redeemed a code"
_JSON_TEXT = "a text with a JSON object"
_NUMBERS = ("an integer", "a number with a fraction")
