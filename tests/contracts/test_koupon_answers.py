"""Answers that no simulator gives leak nothing from a client that meets them."""

import json
import logging
import socket
import traceback
from collections.abc import Callable, Iterator

import pytest

from couponbus.domain.errors import ContractBroken, RequestRefused
from couponbus.providers.koupon.account import AdultOffers
from couponbus.providers.koupon.client import KouponOffers
from couponbus.providers.koupon.parameters import OfferFilter
from tests.integration.sockets import scripts
from tests.integration.sockets.server import HOST, Script, faulty_server
from tests.unit.providers.koupon.answers import ADULT_CPG, encoded, envelope, offer
from tests.unit.providers.koupon.asking import CLOCK, RotatingSecrets, client

CONSUMER = "canary+mail@example.test"
IDENTIFIER, SECRET = "canary-identifier", "canary-test-secret"
LATITUDE, LONGITUDE = 12.345678, -98.765432
CANARIES = (
    CONSUMER,
    "canary%2Bmail",
    "canary+mail",
    IDENTIFIER,
    SECRET,
    "12.345678",
    "98.765432",
    "authSignature",
)
CHATTY = json.dumps(
    {
        "code": 400,
        "message": f"{CONSUMER} canary%2Bmail%40example.test {IDENTIFIER} {SECRET}",
        "errors": [f"at 12.345678,-98.765432 by {'a1' * 20}"],
    }
).encode()
PLAIN = f"{CONSUMER} at 12.345678 by {IDENTIFIER}".encode()
SCRIPTS: list[Script] = [
    scripts.reset_after_request,
    scripts.close_after_request,
    scripts.reset_after_headers,
    scripts.silence,
    scripts.gzip_bomb(),
    scripts.answer(CHATTY),
    scripts.answer(CHATTY[:-5]),
    scripts.answer(encoded(envelope(offer(timer=CONSUMER, offer=CONSUMER)))),
    scripts.answer(CHATTY, status="400 Bad Request"),
    scripts.answer(CHATTY, status="401 Unauthorized"),
    scripts.answer(PLAIN, status="401 Unauthorized", headers=("Date: " + CONSUMER,)),
    scripts.answer(PLAIN, status="403 Forbidden"),
    scripts.answer(CHATTY, status="404 Not Found"),
    scripts.answer(CHATTY, status="406 Not Acceptable"),
    scripts.answer(CHATTY, status="500 Oh", headers=(f"X-Request-Id: {CONSUMER}",)),
    scripts.answer(CHATTY, status=f"503 {SECRET}"),
    scripts.answer(CHATTY, status="302 Found", headers=(f"Location: http://{CONSUMER}/",)),
    scripts.raw(b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\n[]"),
]


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    names = ("", "urllib3", "urllib3.connectionpool", "urllib3.connection", "couponbus")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.handler.setLevel(logging.DEBUG)
    yield caplog
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def shown_by(call: Callable[[], object]) -> str:
    try:
        result = call()
    except Exception as error:
        chain = [error, error.__cause__, error.__context__]
        return repr(chain) + "".join(traceback.format_exception(error))
    return repr(result)


def canary_client(url: str) -> KouponOffers:
    text = json.dumps({"identifier": IDENTIFIER, "secret": SECRET})
    return client(url, secrets=RotatingSecrets(stored={"secret": text}))


def calls_of(koupon: KouponOffers) -> list[Callable[[], object]]:
    until = CLOCK.after
    here = OfferFilter(latitude=LATITUDE, longitude=LONGITUDE, geo_radius=5)
    return [
        lambda: koupon.offers(account="main", consumer=CONSUMER, wanted=here, deadline=until(0.5)),
        lambda: koupon.offer(account="main", consumer=CONSUMER, offer_id="1", deadline=until(0.5)),
    ]


def text_of(record: logging.LogRecord) -> str:
    return repr(record.__dict__) + record.getMessage()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_faulty_answer_lets_nothing_out(
    script: Script, everything_logged: pytest.LogCaptureFixture
) -> None:
    with faulty_server(script) as server:
        shown = [shown_by(call) for call in calls_of(canary_client(server.url))]

    texts = shown + [text_of(record) for record in everything_logged.records]
    assert len(server.requests) >= len(shown)
    for canary in CANARIES:
        assert [text for text in texts if canary in text] == []


def test_a_refused_connection_lets_nothing_out(
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    with socket.create_server((HOST, 0)) as unused:
        url = f"http://{HOST}:{unused.getsockname()[1]}"

    texts = [shown_by(call) for call in calls_of(canary_client(url))]

    texts += [text_of(record) for record in everything_logged.records]
    assert any("not_connected" in text for text in texts)
    for canary in CANARIES:
        assert [text for text in texts if canary in text] == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (envelope(offer(offerId=2)), "foreign_offer"),
        (envelope(offer(), offer(offerId=2)), "foreign_offer"),
        (envelope(offer(), offer(priority=8)), "offer_twice"),
        (envelope(offer(offerId=None)), "offer_without_id"),
        (envelope(offer(), code=500), "code_contradicts_status"),
        ({"code": 200, "message": "success"}, "unreadable_answer"),
    ],
)
def test_an_answer_that_cannot_be_believed_is_broken(answer: object, reason: str) -> None:
    with faulty_server(scripts.answer(encoded(answer))) as server:
        koupon = client(server.url)
        with pytest.raises(ContractBroken) as broken:
            koupon.offer(account="main", consumer="ann", offer_id="1281", deadline=CLOCK.after(2))

    assert broken.value.reason == reason
    assert broken.value.__context__ is None


def test_no_content_means_no_offers() -> None:
    with faulty_server(scripts.answer(b"", status="204 No Content")) as server:
        found = client(server.url).offers(account="main", consumer="ann", deadline=CLOCK.after(2))

    assert found.offers == ()


def test_an_adult_offer_that_should_not_have_come_is_held_back() -> None:
    answer = encoded(envelope(offer(), offer(offerId=2, cpg=ADULT_CPG)))
    with faulty_server(scripts.answer(answer)) as server:
        found = client(server.url).offers(account="main", consumer="ann", deadline=CLOCK.after(2))

    assert [one.offer_id for one in found.offers] == ["1281"]
    assert found.withheld == 1
    assert "Example Leaf" not in repr(found)


def test_what_cannot_be_read_is_reported_by_its_name(caplog: pytest.LogCaptureFixture) -> None:
    answer = encoded(envelope(offer(timer="soon"), offer(offerId=2, timer=[], offerEnd="soon")))
    with faulty_server(scripts.answer(answer)) as server:
        client(server.url).offers(account="main", consumer="ann", deadline=CLOCK.after(2))

    (record,) = caplog.records
    assert record.getMessage() == "koupon_fields_unreadable"
    assert record.__dict__["fields"] == ["offerEnd", "timer"]


@pytest.mark.parametrize("adult_offers", list(AdultOffers))
def test_an_adult_offer_is_held_back_whatever_the_account_says(adult_offers: AdultOffers) -> None:
    cpg = {**ADULT_CPG, "cpgBrandId": 79}
    with faulty_server(scripts.answer(encoded(envelope(offer(cpg=cpg))))) as server:
        found = client(server.url, adult_offers=adult_offers).offers(
            account="main", consumer="ann", deadline=CLOCK.after(2)
        )

    assert (found.offers, found.withheld) == ((), 1)


@pytest.mark.parametrize("said", ["consumer ann/7", "for ann%2F7", "at 12.5", "at -98.25"])
def test_what_was_asked_is_not_repeated_from_an_answer(
    said: str, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = OfferFilter(latitude=12.5, longitude=-98.25)
    refusing = scripts.answer(said.encode(), status="400 Bad Request")
    with faulty_server(refusing) as server, pytest.raises(RequestRefused):
        client(server.url).offers(
            account="main", consumer="ann/7", wanted=wanted, deadline=CLOCK.after(2)
        )

    (record,) = caplog.records
    assert record.__dict__["said"] == f"{said.split(maxsplit=1)[0]} ***"
