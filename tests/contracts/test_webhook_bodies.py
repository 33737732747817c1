"""A webhook's body is the event, as its schema says and as the receivers' documents show it."""

import dataclasses
import json
from collections.abc import Callable, Mapping

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.row import Row
from couponbus.domain.webhooks.endpoint import Endpoint, Scope
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.events.webhook import WebhookBody
from couponbus.usecases.messages import Message
from couponbus.usecases.publishing.event_mapping import announcement
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.event_messages import sort_notifications
from couponbus.usecases.webhooks.scoped_body import body_of
from couponbus.usecases.webhooks.try_endpoint import TryingEndpoints
from events import generate
from events.contracts import Contract
from events.examples_of_webhooks import UNPUBLISHED
from tests import factories
from tests.contracts.webhook_bodies import problems
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.fakes.queues import MemoryCommands

CONTRACTS = [
    each
    for each in generate.everything()
    if each.direction == "webhook" and each.name not in UNPUBLISHED
]
EXAMPLES = generate.examples_of(generate.everything())


def compact(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def heard(source: str, detail_type: str, detail: object) -> EventRecord:
    """Return the event record of an event that the bus delivers."""
    envelope = {"id": "00000000-0000-4000-8000-000000000001", "source": source}
    body = json.dumps({**envelope, "detail-type": detail_type, "detail": detail})
    message = Message(message_id="m", body=body)
    [notified] = sort_notifications([message], clock=ManualClock()).notified
    return notified.event


def heard_of(row: Row) -> EventRecord:
    event = announcement(row)
    assert event is not None
    return heard(event.origin, event.detail_type, json.loads(event.model_dump_json()))


def endpoint(*scopes: Scope) -> Endpoint:
    return Endpoint(
        endpoint_id="ep_1",
        tenant="default",
        url="https://hooks.shop.example/",
        scopes=tuple(scopes),
        created_at=NOON,
    )


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_the_sample_of_a_webhook_is_what_is_made_of_the_sample_of_its_event(
    contract: Contract,
) -> None:
    example = EXAMPLES[contract.file]
    detail = EXAMPLES[contract.file.removeprefix("webhooks/")]

    event = heard(str(example["source"]), contract.name, detail)
    body = body_of(event, endpoint(), rows={})

    assert json.loads(body) == example
    assert problems(body) == []
    assert example["source"] in contract.sources
    assert WebhookBody.model_validate_json(body).data == example["data"]


def test_a_test_that_an_operator_sends_keeps_to_its_contract_too() -> None:
    ledger, clock, ids = MemoryLedger(), ManualClock(), CountingIds()
    store = Store(ledger=ledger, ids=ids, clock=clock)
    trying = TryingEndpoints(store=store, redeliveries=MemoryCommands(), clock=clock, ids=ids)

    trying.begin(endpoint())

    [event] = [row for row in ledger.rows.values() if isinstance(row, EventRecord)]
    assert problems(event.body.encode()) == []


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "make",
    [
        factories.any_issued,
        factories.any_rejection,
        factories.any_recorded_redemption,
        factories.any_notice,
        factories.any_stock,
        factories.any_ended_watch,
    ],
    ids=lambda make: make.__name__,
)
def test_whatever_is_published_comes_as_promised(make: Callable[..., Row], seed: int) -> None:
    assert problems(body_of(heard_of(make(seed=seed)), endpoint(), rows={})) == []


def test_the_number_is_there_only_for_an_endpoint_that_may_read_it() -> None:
    row = factories.any_issued()
    event, reader = heard_of(row), endpoint(Scope.BARCODE_READ)
    hidden, shown, forgotten = (
        body_of(event, endpoint(), rows={row.key: row}),
        body_of(event, reader, rows={row.key: row}),
        body_of(event, reader, rows={}),
    )

    assert [problems(each) for each in (hidden, shown, forgotten)] == [[], [], []]
    assert "barcode_number" not in json.loads(hidden)["data"]
    assert json.loads(shown)["data"]["barcode_number"] == number_of(row)
    assert json.loads(forgotten)["data"]["barcode_number"] is None


def test_the_image_is_beside_the_number() -> None:
    row = factories.any_issued()
    event, reader = heard_of(row), endpoint(Scope.BARCODE_READ)
    hidden, shown = (
        body_of(event, endpoint(), rows={row.key: row}),
        body_of(event, reader, rows={row.key: row}),
    )

    assert row.barcode is not None
    assert "barcode_image_url" not in json.loads(hidden)["data"]
    assert json.loads(shown)["data"]["barcode_image_url"] == row.barcode.image_url
    assert problems(shown) == []


@pytest.mark.parametrize(
    "address", ["http://images.example/1.png", "javascript:alert(1)", "https:", "https://a b/1"]
)
def test_an_image_that_is_not_fetched_by_https_is_left_out(address: str) -> None:
    issued = factories.any_issued()
    assert issued.barcode is not None
    row = replace(issued, barcode=dataclasses.replace(issued.barcode, image_url=address))

    body = body_of(heard_of(row), endpoint(Scope.BARCODE_READ), rows={row.key: row})

    assert json.loads(body)["data"]["barcode_image_url"] is None
    assert json.loads(body)["data"]["barcode_number"] == number_of(row)


@pytest.mark.parametrize("text", ['{"p1":"example1","n":1.5}', "a:1:{s:2:p1;}", None])
@pytest.mark.parametrize("last_event", [LastEvent.RECORDED, LastEvent.UPDATED])
def test_what_a_shop_attached_comes_as_the_schema_says(
    last_event: LastEvent, text: str | None
) -> None:
    redeemed = factories.any_recorded_redemption()
    row = replace(redeemed, last_event=last_event, custom_params=text)
    event, reader = heard_of(row), endpoint(Scope.CUSTOM_PARAMS_READ)
    hidden, shown, forgotten = (
        body_of(event, endpoint(), rows={row.key: row}),
        body_of(event, reader, rows={row.key: row}),
        body_of(event, reader, rows={}),
    )

    assert [problems(each) for each in (hidden, shown, forgotten)] == [[], [], []]
    assert "custom_params" not in hidden.decode()
    assert (text is not None and "p1" in text) == ("p1" in shown.decode())
    assert json.loads(forgotten)["data"]["custom_params"] is None


def number_of(row: Issuance) -> str:
    assert row.barcode is not None
    return row.barcode.number


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"type": "BarcodeStolen"}, "type: no event is called BarcodeStolen"),
        ({"timestamp": "2026-06-01T12:00:00Z"}, "$.timestamp: it is not when the event was"),
        ({"timestamp": "noon"}, "timestamp: Input should be a valid datetime"),
        ({"source": 7}, "$.source: 7 is not of type 'string'"),
        ({"data": {}}, "$.data: 'signup_id' is a required property"),
        ({"id": "1"}, "$: Additional properties are not allowed"),
    ],
)
def test_what_receivers_were_not_promised_is_found(
    change: Mapping[str, object], problem: str
) -> None:
    body = compact({**EXAMPLES["webhooks/BarcodeIssued.v1.json"], **change})

    assert any(each.startswith(problem) for each in problems(body))


def test_a_body_that_is_not_compact_or_says_a_field_twice_is_found() -> None:
    body = compact(EXAMPLES["webhooks/BarcodeIssued.v1.json"])

    assert problems(body) == []
    for other in (body + b"\n", body.replace(b'{"type"', b'{"type":"","type"')):
        assert problems(other) == ["$: it is not compact, or doubles a field"]
