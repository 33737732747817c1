"""Secrets are planted in events, addresses and answers, and appear only where they belong."""

import json
import logging
from collections.abc import Mapping, Sequence

import pytest

from couponbus.domain.webhooks.delivery import Delivery
from couponbus.ports.webhooks import Sent
from tests.canary import garbage, kept, planted
from tests.canary.harness import TABLE
from tests.canary.webhooks import TAKEN, WebhookCanaryHarness
from tests.integration.sockets import scripts
from tests.integration.sockets.server import FaultyServer, Script

TOKEN = planted.ANSWER
SAYING: Mapping[str, Script] = {
    "body": scripts.answer(f"{TOKEN} {planted.EMAIL}".encode()),
    "error": scripts.answer(TOKEN.encode(), status=f"500 {TOKEN}"),
    "redirection": scripts.answer(
        status="302 Found", headers=(f"Location: http://127.0.0.1:1/{TOKEN}",)
    ),
    "pause": scripts.answer(status="429 Busy", headers=(f"Retry-After: {TOKEN}",)),
    "cookie": scripts.answer(headers=(f"Set-Cookie: {TOKEN}={TOKEN}", f"X-{TOKEN}: {TOKEN}")),
    "no-http": scripts.raw(f"{TOKEN}\r\n\r\n".encode()),
    "no-header": scripts.raw(f"HTTP/1.1 200 OK\r\n{TOKEN}\r\nContent-Length: 0\r\n\r\n".encode()),
    "reset": scripts.reset_after_request,
    "silent": scripts.silence,
}
QUERIES = ("endpoints list", "deliveries list", "status", "why signup-1")


def got(receiver: FaultyServer) -> str:
    return b"".join(receiver.requests).decode()


def test_only_endpoints_with_the_scope_see_the_number_of_a_barcode(
    sending: WebhookCanaryHarness,
) -> None:
    shop = sending.subscribe("shop")
    till = sending.subscribe("till", scopes=("barcode:read",))
    sending.issue(sending.sign_up())
    sending.stream()

    sending.fan_out_published()
    sending.deliver()

    (number,) = [str(each["barcode_number"]) for each in sending.coniq.barcodes()]
    assert (number in got(till), number in got(shop)) == (True, False)
    (image,) = {str(each["image_url"]) for each in sending.coniq.barcodes()}
    assert (image in got(till), image in got(shop)) == (True, False)
    assert sending.kinds() >= {"ENDPOINT", "DIRECTORY", "EVENT", "DELIVERY"}
    assert sending.states() == {"DELIVERED"}
    assert sending.observer.seen["exceptions"] == []
    assert sending.hits() == []


def test_only_endpoints_with_the_scope_see_what_a_shop_attached_to_a_redemption(
    sending: WebhookCanaryHarness,
) -> None:
    ann = sending.person()
    till = sending.subscribe("till", scopes=("custom_params:read",))
    others = [sending.subscribe("shop"), sending.subscribe("pos", scopes=("barcode:read",))]
    sending.keep_redemption(custom_params=json.dumps({"p1": ann.parameter}))
    sending.keep_redemption(custom_params=f"p1={ann.parameter}")

    sending.stream()
    sending.fan_out_published()
    sending.deliver()
    for query in (*QUERIES, "barcodes 1001", *(f"why {key}" for key in sending.keys("REDEMPTION"))):
        sending.command(*query.split())
        sending.command(*query.split(), "--json")

    assert got(till).count(ann.parameter) == 2
    assert all("RedemptionRecorded" in got(other) for other in others)
    assert all(planted.PARAMETER not in got(other) for other in others)
    assert sending.states() == {"DELIVERED"}
    assert sending.observer.seen["exceptions"] == []
    assert sending.hits() == []


def test_nothing_leaks_whatever_receivers_say(sending: WebhookCanaryHarness) -> None:
    receivers = [sending.subscribe(name, script) for name, script in SAYING.items()]
    sending.fan_out_secret_event()

    sending.deliver()
    sending.redeliver()

    assert all(planted.EVENT_SECRET in got(receiver) for receiver in receivers)
    assert all(planted.SIGNING_KEY not in got(receiver) for receiver in receivers)
    assert sending.states() == {"DELIVERED", "PENDING"}
    assert sending.observer.seen["exceptions"] == []
    assert sending.hits() == []
    assert {"deliveries", "redeliveries", "ledger", "indexes", "output", "logs"} <= set(
        sending.observer.seen
    )


def test_only_the_host_of_a_disabled_endpoint_is_published(
    sending: WebhookCanaryHarness,
) -> None:
    sending.subscribe("gone", scripts.answer(TOKEN.encode(), status=f"410 {TOKEN}"))
    other = sending.subscribe("other")
    sending.fan_out_secret_event()

    sending.deliver()
    sending.stream()
    sending.fan_out_published()
    sending.deliver()

    assert "EndpointDisabled" in got(other)
    assert "127.0.0.1" in "".join(sending.observer.seen["events"])
    _, _, body = other.requests[-1].decode().partition("\r\n\r\n")
    assert planted.URL_TOKEN not in body
    assert sending.hits() == []


def test_nothing_leaks_of_messages_that_cannot_be_used(sending: WebhookCanaryHarness) -> None:
    sending.subscribe("shop")
    invalid = list(garbage.for_notifications())

    sending.fan_out(*invalid)
    sending.attempt(*garbage.for_deliveries())

    quarantined = "".join(sending.observer.seen["quarantine"])
    assert quarantined.count("QuarantineLetter") > len(invalid)
    assert sending.observer.seen["exceptions"] == []
    assert sending.hits() == []


@pytest.mark.parametrize(
    "text",
    [planted.ODD_SECRET, f'{{"shop": "{planted.ODD_SECRET}"}}', '{"shop": [{"secret": "%s"}]}'],
)
def test_nothing_leaks_of_a_malformed_secret(sending: WebhookCanaryHarness, text: str) -> None:
    shop = sending.subscribe("shop")
    sending.keep_secret("webhooks", text.replace("%s", planted.ODD_SECRET))
    sending.fan_out_secret_event()

    sending.deliver()

    assert shop.requests == []
    assert any("Misconfigured" in text for text in sending.observer.seen["output"])
    assert sending.hits() == []


def test_nothing_leaks_of_rows_that_cannot_be_read(sending: WebhookCanaryHarness) -> None:
    sending.subscribe("shop")
    sending.fan_out_secret_event()
    waiting = sending.taken("DELIVERIES_QUEUE_URL")
    for row in sending.rows():
        if kept.kind_of(row) in ("ENDPOINT", "EVENT"):
            broken = {**row, "revision": {"S": "many"}}
            sending.clients.dynamodb.put_item(TableName=TABLE, Item=broken)

    sending.attempt(*waiting)
    sending.fan_out_secret_event()

    assert any("rows broken" in text for text in sending.observer.seen["logs"])
    assert sending.hits() == []


def test_nothing_leaks_of_an_unexpected_error(
    sending: WebhookCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object, *, url: str, headers: object, body: bytes, **__: object) -> Sent:
        raise ValueError(f"{url} {headers} {body!r}")

    sending.subscribe("shop")
    sending.fan_out_secret_event()
    monkeypatch.setattr("couponbus.providers.webhooks.sender.WebhookSender.send", fail)

    sending.deliver()

    assert any("ValueError" in text for text in sending.observer.seen["logs"])
    assert sending.hits() == []


def test_nothing_leaks_at_the_command_line(sending: WebhookCanaryHarness) -> None:
    sending.subscribe("shop", SAYING["error"])
    sending.subscribe("till", TAKEN, scopes=("barcode:read",))
    sending.issue(sending.sign_up())
    sending.stream()
    sending.fan_out_published()
    sending.deliver()

    for query in QUERIES:
        sending.command(*query.split())
        sending.command(*query.split(), "--json")

    answers = "".join(sending.observer.seen["command"])
    assert "status_500" in answers
    assert sending.hits() == []


def places(harness: WebhookCanaryHarness) -> set[str]:
    return {hit.place for hit in harness.hits()}


def test_an_address_in_a_log_is_found(
    sending: WebhookCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chatty(_: object, *, url: str, **__: object) -> Sent:
        logging.getLogger("couponbus").debug("sent", extra={"url": url})
        return Sent(status=204, failure=None, retry_after=None, seconds=0.0)

    sending.subscribe("shop")
    sending.fan_out_secret_event()
    monkeypatch.setattr("couponbus.providers.webhooks.sender.WebhookSender.send", chatty)

    sending.deliver()

    assert places(sending) == {"logs"}


def test_what_a_receiver_said_is_found_in_the_row_of_a_delivery(
    sending: WebhookCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Delivery, "_detail", lambda *_: planted.ANSWER)
    sending.subscribe("shop")
    sending.fan_out_secret_event()

    sending.deliver()

    assert places(sending) == {"ledger"}


def test_the_secret_of_an_event_is_found_in_any_row_but_that_of_the_event(
    sending: WebhookCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending.subscribe("shop")
    sending.fan_out_secret_event()
    before = places(sending)
    monkeypatch.setattr(Delivery, "_detail", lambda *_: planted.EVENT_SECRET)

    sending.deliver()

    assert (before, places(sending)) == (set(), {"ledger"})


@pytest.mark.parametrize("endpoints", [(), ("shop",)], ids=["in a page", "in a row"])
def test_a_number_that_is_not_masked_is_found_in_the_history(
    sending: WebhookCanaryHarness, monkeypatch: pytest.MonkeyPatch, endpoints: Sequence[str]
) -> None:
    for endpoint in endpoints:
        sending.subscribe(endpoint)
    monkeypatch.setattr("couponbus.usecases.publishing.event_mapping.masked", str)
    sending.issue(sending.sign_up())
    sending.stream()
    sending.fan_out_published()

    assert places(sending) == {"events", "ledger", "notifications"}


def test_a_quarantine_record_that_quotes_an_event_is_found_in_its_queue(
    sending: WebhookCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "couponbus.usecases.webhooks.event_messages._fields", lambda wrong: (str(wrong),)
    )

    sending.fan_out(*garbage.for_notifications())

    assert places(sending) == {"quarantine"}
