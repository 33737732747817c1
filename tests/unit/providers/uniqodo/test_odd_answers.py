"""What becomes of each odd answer that was ever reported of an API like Uniqodo's, and why."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.domain.polling.snapshot import Snapshot, snapshot_of_redemptions
from couponbus.domain.provider import Provider
from couponbus.providers.uniqodo.reading import NoDataError, WrongFormError
from tests.unit.domain.polling.snapshots import WatchHarness, a_watch
from tests.unit.providers.uniqodo.answers import read_answer, redemption_list

ODD: Mapping[str, object] = json.loads(Path(__file__).with_name("odd_answers.json").read_text())
RECORD = "data.redemption.records[0]."
BEGAN = datetime(2019, 5, 15, 7, 50, tzinfo=UTC)  # shortly before the redemption of the seed
BELIEVED, NOT_BELIEVED, WITH_TOTAL = "believed", "not believed", "when the total falls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a watch publishes that knows the redemption of the seed, and one that knows none.

    `doubts` are the fields in doubt, `refusal` why the answer is unusable; each has a `reason`.
    `absence` says whether what is not listed is taken for gone.
    """

    doubts: str = ""
    refusal: str = ""
    known: str = ""
    unknown: str = "recorded 1925118"
    absence: str = BELIEVED
    reason: str = ""


def _list_in_doubt(path: str, reason: str, *, unknown: str = "recorded 1925118") -> Outcome:
    return Outcome(doubts=path, unknown=unknown, absence=NOT_BELIEVED, reason=reason)


def _field_in_doubt(field: str, reason: str) -> Outcome:
    return Outcome(doubts=RECORD + field, reason=reason)


def _of_the_offer(field: str, reason: str) -> Outcome:
    return Outcome(doubts=f"data.offer{field}", reason=reason)


def _refused(refusal: str, reason: str) -> Outcome:
    return Outcome(refusal=refusal, unknown="", absence=NOT_BELIEVED, reason=reason)


def _updated(fields: str) -> Outcome:
    return Outcome(known=f"updated 1925118: {fields}")


SAME = Outcome()
TIME = "redeemed_raw redeemed_at"
GONE = Outcome(known="reversed 1925118", unknown="")
ERRORS = "whether there are errors is unknown, so whether all is listed is too"
NO_OBJECT = "not the JSON object that it should be; it joins nothing and judges nothing"
NO_ID = "a number that is none names no redemption, and another one may be meant"
AMBIGUOUS = "a comma is a decimal sign for some and a separator for others"
UNDATED = "no documented form; the words are published, no moment is guessed"

OUTCOMES: Mapping[str, Outcome] = {
    "seed 1": SAME,
    "seed 2": GONE,
    "success, errors []": GONE,
    "errors null": _list_in_doubt("errors", ERRORS),
    "errors {} (PHP)": _list_in_doubt("errors", ERRORS),
    "errors absent": _list_in_doubt("errors", ERRORS),
    "offer [] (PHP empty)": _of_the_offer("", "no offer is known, and nothing else needs it"),
    "data [] (PHP empty) + errors": _refused("answer_without_data", "a list is no form of data"),
    "data null + errors": _refused("no data", "errors instead of data"),
    "redemption [] (PHP empty)": _list_in_doubt(
        "data.redemption", "an empty object has neither records nor a total", unknown=""
    ),
    "records {} (PHP)": _list_in_doubt(
        "data.redemption.records", "an object is no list, also an empty one", unknown=""
    ),
    "records keyed object (PHP gaps)": Outcome(
        doubts="data.redemption.records",
        known="recorded 5",
        unknown="recorded 1925118, recorded 5",
        absence=NOT_BELIEVED,
        reason="what is under numbers exists, but the gap may be a record",
    ),
    "custom_params []": _field_in_doubt("custom_params", NO_OBJECT),
    "custom_params {} ": SAME,
    "custom_params '[]'": _field_in_doubt("custom_params", NO_OBJECT),
    "custom_params ''": SAME,
    "custom_params PHP serialised": _field_in_doubt("custom_params", NO_OBJECT),
    "tags {}": _field_in_doubt("tags", "not the list that it should be; tags are no news"),
    "tags string": _field_in_doubt("tags", "not the list that it should be; tags are no news"),
    "tags null": SAME,
    "id string": SAME,
    "id float": _refused("record_without_id", NO_ID),
    "id negative": _refused("record_without_id", NO_ID),
    "id 2**64": _refused("record_without_id", NO_ID),
    "id null": _refused("record_without_id", NO_ID),
    "order_value string": SAME,
    "order_value comma": _field_in_doubt("order_value", AMBIGUOUS),
    "order_value thousands": _field_in_doubt("order_value", AMBIGUOUS),
    "order_value neg": _updated("order_value"),
    "order_value null": _updated("order_value"),
    "order_value £": _field_in_doubt("order_value", "the sign may contradict the currency"),
    "order_value 1e2": _updated("order_value"),
    "order_value 0.1+0.2": _updated("order_value"),
    "redeemed_at naive": _updated(f"{TIME} tz_assumed"),
    "redeemed_at Z": _updated(TIME),
    "redeemed_at space": _field_in_doubt("redeemed_at", UNDATED),
    "redeemed_at ms": _updated(TIME),
    "redeemed_at 7 digits": _field_in_doubt("redeemed_at", UNDATED),
    "redeemed_at +01": _field_in_doubt("redeemed_at", UNDATED),
    "redeemed_at dmy": SAME,  # other words for the same moment
    "redeemed_at 0000": _field_in_doubt("redeemed_at", "no moment at all"),
    "redeemed_at epoch": _field_in_doubt("redeemed_at", "seconds or milliseconds, if it is a time"),
    "redeemed_at leap sec": _field_in_doubt("redeemed_at", "no clock here has that second"),
    "redeemed_at 24:00": _field_in_doubt("redeemed_at", UNDATED),
    "redeemed_at null": _updated(TIME),
    "redeemed_at -0000": _updated(TIME),
    "redeemed_at gap": _updated(f"{TIME} tz_assumed"),
    "redeemed_at overlap": _updated(f"{TIME} tz_assumed"),
    "currency lower": SAME,
    "order_id int": _updated("order_id"),
    "order_id float": _field_in_doubt("order_id", "a fraction may be cut, and is no reference"),
    "end_date 0000": _of_the_offer(".end_date", "no moment at all; the known end stays"),
    "end_date date only": _of_the_offer(".end_date", "begin or end of that day is open"),
    "end_date null": SAME,
    "end_date iso": SAME,
    "end_date false": _of_the_offer(".end_date", "no moment at all; the known end stays"),
    "code_remaining -1": _of_the_offer(".code_remaining", "no number of codes; no stock is known"),
    "code_remaining 'unlimited'": _of_the_offer(".code_remaining", "no number; no stock is known"),
    "code_remaining null": SAME,
    "redemption_per_code 0": SAME,
    "total string": SAME,
    "total > records (paged)": Outcome(
        absence=WITH_TOTAL, reason="the others are of other customers, or were cut off"
    ),
    "total absent": Outcome(absence=NOT_BELIEVED, reason="nothing says how many there are"),
    "error code str": SAME,
    "error is text": _list_in_doubt("errors[0], errors[0].code", ERRORS),
    "dup record": Outcome(absence=NOT_BELIEVED, reason="it may stand in the place of another"),
    "dup id other values": Outcome(
        doubts="records[1].order_value",
        absence=NOT_BELIEVED,
        reason="one of the two amounts is wrong, and which one is unknown",
    ),
}


def snapshot(name: str) -> Snapshot:
    return snapshot_of_redemptions(redemption_list(ODD[name]))


def published(name: str, *, after: Snapshot | None) -> str:
    """Return what a watch publishes of redemptions when it sees an odd answer three times."""
    horizon = BEGAN + timedelta(days=90)
    watch = replace(a_watch(Provider.UNIQODO), started_at=BEGAN, ends_at=horizon)
    harness = WatchHarness(watch=watch, now=BEGAN)
    harness.record(Snapshot(is_complete=True), after=timedelta(minutes=1))
    if after is not None:
        harness.poll(after)
    before = {row.key: row for row in harness.redemptions()}
    count = len(harness.published)
    for _ in range(3):
        harness.record(snapshot(name))
    rows = [one for one in harness.published[count:] if isinstance(one, RecordedRedemption)]
    return ", ".join(_words(row, before.get(row.key)) for row in rows)


def _words(row: RecordedRedemption, before: RecordedRedemption | None) -> str:
    words = f"{row.last_event} {row.native_id}"
    if before is None or row.last_event is not LastEvent.UPDATED:
        return words
    return f"{words}: {' '.join(_changes(row, before))}"


def _changes(row: RecordedRedemption, before: RecordedRedemption) -> Iterator[str]:
    """Yield the names of what an update says anew."""
    for owner, other in ((row.value, before.value), (row, before)):
        for name in (each.name for each in fields(owner)):
            is_said = owner is row.value or name in ("offer_id", "merchant_id", "code_masked")
            if is_said and getattr(owner, name) != getattr(other, name):
                yield name


def absence_in(shown: Snapshot) -> str:
    if shown.is_complete:
        return BELIEVED
    return WITH_TOTAL if shown.is_clear else NOT_BELIEVED


def outcome_of(name: str) -> Outcome:
    """Return the outcome, without its reason."""
    try:
        doubts = ", ".join(redemption_list(ODD[name]).doubts)
    except (NoDataError, WrongFormError) as error:
        return Outcome(refusal=str(error), unknown="", absence=NOT_BELIEVED)
    return Outcome(
        doubts=doubts,
        known=published(name, after=snapshot("seed 1")),
        unknown=published(name, after=None),
        absence=absence_in(snapshot(name)),
    )


def test_each_odd_answer_has_an_outcome_and_a_reason_where_it_is_not_taken_as_it_is() -> None:
    assert set(OUTCOMES) == set(ODD)
    odd = {
        name
        for name, one in OUTCOMES.items()
        if one.doubts or one.refusal or one.absence is not BELIEVED
    }
    assert odd == {name for name, one in OUTCOMES.items() if one.reason}


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_odd_answer_is_published_in_doubt_or_refused_and_never_guessed(name: str) -> None:
    decided = OUTCOMES[name]

    assert outcome_of(name) == Outcome(
        doubts=decided.doubts,
        refusal=decided.refusal,
        known=decided.known,
        unknown=decided.unknown,
        absence=decided.absence,
    )


@pytest.mark.parametrize("name", [name for name, one in OUTCOMES.items() if not one.refusal])
def test_a_field_in_doubt_is_none_and_the_answer_is_read_all_the_same(name: str) -> None:
    doubted = read_answer(ODD[name]).doubts
    records = redemption_list(ODD[name]).redemptions

    for path in doubted:
        if path.startswith(RECORD):
            value = getattr(records[0], path.removeprefix(RECORD))
            legible = getattr(value, "at", None) or getattr(value, "values", None)
            assert not (legible if hasattr(value, "raw") else value)
