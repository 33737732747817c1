"""Secrets are planted in events, addresses and answers, and appear only where they belong."""

import logging
from collections.abc import Mapping

import pytest

from couponbus.domain.webhooks.delivery import Delivery
from couponbus.ports.webhooks import Sent
from tests.canary import garbage, kept, planted
from tests.canary.theatre import TABLE
from tests.canary.webhooks import TAKEN, WebhookTheatre
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


def test_the_number_of_a_barcode_is_seen_by_whoever_may_read_it_only(
    sending: WebhookTheatre,
) -> None:
    shop = sending.subscribe("shop")
    till = sending.subscribe("till", scopes=("barcode:read",))
    sending.issue(sending.sign_up())
    sending.stream()

    sending.pass_on()
    sending.deliver()

    (number,) = [str(each["barcode_number"]) for each in sending.coniq.barcodes()]
    assert (number in got(till), number in got(shop)) == (True, False)
    assert sending.kinds() >= {"ENDPOINT", "DIRECTORY", "EVENT", "DELIVERY"}
    assert sending.states() == {"DELIVERED"}
    assert sending.eyes.seen["exceptions"] == []
    assert sending.hits() == []


def test_nobody_sees_anything_whatever_receivers_say(sending: WebhookTheatre) -> None:
    receivers = [sending.subscribe(name, script) for name, script in SAYING.items()]
    sending.tell()

    sending.deliver()
    sending.redeliver()

    assert all(planted.TOLD in got(receiver) for receiver in receivers)
    assert all(planted.SIGNING_KEY not in got(receiver) for receiver in receivers)
    assert sending.states() == {"DELIVERED", "PENDING"}
    assert sending.eyes.seen["exceptions"] == []
    assert sending.hits() == []
    assert {"deliveries", "redeliveries", "ledger", "indexes", "output", "logs"} <= set(
        sending.eyes.seen
    )


def test_nobody_sees_more_than_the_host_of_an_endpoint_that_is_disabled(
    sending: WebhookTheatre,
) -> None:
    sending.subscribe("gone", scripts.answer(TOKEN.encode(), status=f"410 {TOKEN}"))
    other = sending.subscribe("other")
    sending.tell()

    sending.deliver()
    sending.stream()
    sending.pass_on()
    sending.deliver()

    assert "EndpointDisabled" in got(other)
    assert "127.0.0.1" in "".join(sending.eyes.seen["events"])
    _, _, body = other.requests[-1].decode().partition("\r\n\r\n")
    assert planted.URL_TOKEN not in body
    assert sending.hits() == []


def test_nobody_sees_anything_of_messages_that_cannot_be_used(sending: WebhookTheatre) -> None:
    sending.subscribe("shop")
    invalid = list(garbage.for_notifications())

    sending.fan_out(*invalid)
    sending.attempt(*garbage.for_deliveries())

    letters = "".join(sending.eyes.seen["quarantine"])
    assert letters.count("QuarantineLetter") > len(invalid)
    assert sending.eyes.seen["exceptions"] == []
    assert sending.hits() == []


@pytest.mark.parametrize(
    "text",
    [planted.ODD_SECRET, f'{{"shop": "{planted.ODD_SECRET}"}}', '{"shop": [{"secret": "%s"}]}'],
)
def test_nobody_sees_anything_of_a_secret_that_is_none(sending: WebhookTheatre, text: str) -> None:
    shop = sending.subscribe("shop")
    sending.keep_secret("webhooks", text.replace("%s", planted.ODD_SECRET))
    sending.tell()

    sending.deliver()

    assert shop.requests == []
    assert any("Misconfigured" in text for text in sending.eyes.seen["output"])
    assert sending.hits() == []


def test_nobody_sees_anything_of_rows_that_cannot_be_read(sending: WebhookTheatre) -> None:
    sending.subscribe("shop")
    sending.tell()
    asked = sending.taken("DELIVERIES_QUEUE_URL")
    for row in sending.rows():
        if kept.kind_of(row) in ("ENDPOINT", "EVENT"):
            broken = {**row, "revision": {"S": "many"}}
            sending.clients.dynamodb.put_item(TableName=TABLE, Item=broken)

    sending.attempt(*asked)
    sending.tell()

    assert any("rows broken" in text for text in sending.eyes.seen["logs"])
    assert sending.hits() == []


def test_nobody_sees_anything_of_a_mistake_that_is_our_own(
    sending: WebhookTheatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(_: object, *, url: str, headers: object, body: bytes, **__: object) -> Sent:
        raise ValueError(f"{url} {headers} {body!r}")

    sending.subscribe("shop")
    sending.tell()
    monkeypatch.setattr("couponbus.providers.webhooks.sender.WebhookSender.send", stumble)

    sending.deliver()

    assert any("ValueError" in text for text in sending.eyes.seen["logs"])
    assert sending.hits() == []


def test_nobody_sees_anything_at_the_command_line(sending: WebhookTheatre) -> None:
    sending.subscribe("shop", SAYING["error"])
    sending.subscribe("till", TAKEN, scopes=("barcode:read",))
    sending.issue(sending.sign_up())
    sending.stream()
    sending.pass_on()
    sending.deliver()

    for query in QUERIES:
        sending.command(*query.split())
        sending.command(*query.split(), "--json")

    answers = "".join(sending.eyes.seen["command"])
    assert "status_500" in answers
    assert sending.hits() == []


def places(theatre: WebhookTheatre) -> set[str]:
    return {hit.place for hit in theatre.hits()}


def test_an_address_in_a_log_is_found(
    sending: WebhookTheatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chatty(_: object, *, url: str, **__: object) -> Sent:
        logging.getLogger("couponbus").debug("sent", extra={"url": url})
        return Sent(status=204, failure=None, retry_after=None, seconds=0.0)

    sending.subscribe("shop")
    sending.tell()
    monkeypatch.setattr("couponbus.providers.webhooks.sender.WebhookSender.send", chatty)

    sending.deliver()

    assert places(sending) == {"logs"}


def test_what_a_receiver_said_is_found_in_the_row_of_a_delivery(
    sending: WebhookTheatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Delivery, "_told", lambda *_: planted.ANSWER)
    sending.subscribe("shop")
    sending.tell()

    sending.deliver()

    assert places(sending) == {"ledger"}


def test_what_was_told_is_found_in_any_row_but_that_of_the_event(
    sending: WebhookTheatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending.subscribe("shop")
    sending.tell()
    before = places(sending)
    monkeypatch.setattr(Delivery, "_told", lambda *_: planted.TOLD)

    sending.deliver()

    assert (before, places(sending)) == (set(), {"ledger"})


def test_a_number_that_is_not_masked_is_found_in_the_history(
    sending: WebhookTheatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("couponbus.usecases.outbox.event_mapping.masked", str)
    sending.issue(sending.sign_up())
    sending.stream()
    sending.pass_on()

    assert places(sending) == {"events", "ledger"}


def test_a_letter_that_quotes_an_event_is_found_in_its_queue(
    sending: WebhookTheatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "couponbus.usecases.webhooks.event_messages._fields", lambda wrong: (str(wrong),)
    )

    sending.fan_out(*garbage.for_notifications())

    assert places(sending) == {"quarantine"}
