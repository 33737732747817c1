"""A published event is kept word for word, and matched as a rule on the bus would match it."""

import json
from dataclasses import replace

from couponbus.domain.webhooks.event_record import EventRecord, body_text, event_key
from tests.fakes.clock import NOON

CONTENT = {
    "type": "BarcodeIssued",
    "timestamp": "2026-06-01T12:00:00Z",
    "source": "couponbus.barcodes",
    "metadata": {"id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "tenant": "default"},
    "data": {"issuance_id": "A", "program": "grüße"},
}
EVENT = EventRecord(
    event_id="6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    tenant="default",
    source="couponbus.barcodes",
    detail_type="BarcodeIssued",
    event_at=NOON,
    body=body_text(CONTENT),
)


def test_it_is_found_by_its_id_and_does_not_show_what_it_says() -> None:
    assert EVENT.key == event_key(EVENT.event_id) == f"EVENT#{EVENT.event_id}"
    assert "issuance_id" not in repr(EVENT)


def test_a_body_is_compact_in_the_order_of_its_fields_and_in_plain_letters() -> None:
    assert body_text({"b": 1, "a": ["ü", None]}) == '{"b":1,"a":["ü",null]}'


def test_it_is_matched_as_it_came_over_the_bus() -> None:
    assert EVENT.envelope == {
        "source": "couponbus.barcodes",
        "detail-type": "BarcodeIssued",
        "detail": {"metadata": CONTENT["metadata"], "data": CONTENT["data"]},
    }


def test_its_body_can_be_sent_with_more_fields() -> None:
    more = EVENT.body_with(barcode_number="1234")

    body = json.loads(more)
    assert body == {**CONTENT, "data": {**EVENT.data, "barcode_number": "1234"}}
    assert list(body) == list(CONTENT)
    assert EVENT.body == body_text(CONTENT)
    assert more == EVENT.body_with(barcode_number="1234")


def test_an_event_that_says_nothing_has_no_data() -> None:
    assert replace(EVENT, body=body_text({**CONTENT, "data": None})).data == {}
