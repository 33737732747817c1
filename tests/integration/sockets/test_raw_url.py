"""The URL that is signed is byte for byte the URL that leaves."""

import hashlib
import hmac
import json
import ssl
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from couponbus.domain.errors import ProviderUnavailable
from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpFailed, Transport
from couponbus.providers.koupon.account import KouponAccount
from couponbus.providers.koupon.client import KouponOffers
from couponbus.providers.koupon.parameters import OfferFilter
from tests.integration.sockets import scripts
from tests.integration.sockets.server import FaultyServer, faulty_server
from tests.unit.providers.fakes import WallClock
from tests.unit.providers.koupon.asking import CLOCK, RotatingSecrets, client

EMPTY = json.dumps({"code": 200, "Offers": []}).encode()
OK = scripts.answer(EMPTY)
BUSY = scripts.answer(b"", status="503 Service Unavailable")
NASTY = [
    "ann",
    "ann@example.test",
    "ann+shop@example.test",
    "two words",
    " padded ",
    "naïve-日本-🙂",
    "%2c",
    "%7E~",
    "a,b",
    "a/../b",
    "/../",
    "...",
    "|[]{}^`\\",
    "?x=1&authSignature=0",
    "#fragment",
    "a;b:c@d=e$f!g'h(i)j*k",
    '"<>',
    "e\u0301 and \u00e9",
]


class Ticking:
    """A clock on which a second passes with each reading."""

    def __init__(self) -> None:
        self._at = datetime(2026, 11, 22, 10, tzinfo=UTC)

    def now(self) -> datetime:
        self._at += timedelta(seconds=1)
        return self._at

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # the server hangs up meanwhile


def targets(server: FaultyServer) -> list[str]:
    """Return the targets of the request lines, as sent."""
    return [request.split(b" ", 2)[1].decode("ascii") for request in server.requests]


def is_signed(target: str, *, url: str) -> bool:
    """Return whether the signature covers what arrived, as Koupon checks it."""
    unsigned, _, signature = target.partition("&authSignature=")
    wanted = hmac.new(b"test-secret", (url + unsigned).encode(), hashlib.sha1)
    return wanted.hexdigest() == signature


@pytest.mark.parametrize("consumer", NASTY)
def test_an_identity_arrives_as_it_was_signed(consumer: str) -> None:
    with faulty_server(OK) as server:
        client(server.url).offers(account="main", consumer=consumer, deadline=CLOCK.after(4))

    (target,) = targets(server)
    assert is_signed(target, url=server.url)
    assert target.startswith("/v2/")
    assert target.partition("?")[0].endswith("/offers")
    assert target.count("/") == 3


def test_each_parameter_arrives_as_it_was_signed() -> None:
    wanted = OfferFilter(
        storeid=NASTY[:8],
        store_group="|[]",
        channel="%2c",
        digital_property_code="/../",
        latitude=32.7767,
        longitude=-96.797,
        display_store="naïve +",
    )
    with faulty_server(OK) as server:
        client(server.url).offers(
            account="main", consumer="ann", wanted=wanted, deadline=CLOCK.after(4)
        )

    (target,) = targets(server)
    assert is_signed(target, url=server.url)
    assert "&store_group=%7C%5B%5D&channel=%252c&digital_property_code=%2F..%2F&" in target
    assert "&display_store=na%C3%AFve%20%2B&identifier=test-identifier&timestamp=" in target


def test_a_list_of_offers_keeps_its_commas() -> None:
    with faulty_server(OK) as server:
        client(server.url).several(
            account="main", consumer="ann", offer_ids=["1281", "a b", "~"], deadline=CLOCK.after(4)
        )

    (target,) = targets(server)
    assert is_signed(target, url=server.url)
    assert target.startswith("/v2/ann/offers/1281,a%20b,~?identifier=")


def test_an_identifier_that_needs_encoding_is_signed_encoded() -> None:
    text = '{"identifier": "6354|[%2c]+/~", "secret": "test-secret"}'
    with faulty_server(OK) as server:
        client(server.url, secrets=RotatingSecrets(stored={"secret": text})).offers(
            account="main", consumer="ann", deadline=CLOCK.after(4)
        )

    (target,) = targets(server)
    assert is_signed(target, url=server.url)
    assert "identifier=6354%7C%5B%252c%5D%2B%2F~&" in target


def test_each_attempt_has_a_signature_of_its_own() -> None:
    account = KouponAccount(name="main", base_url="http://127.0.0.1", secret_id="secret")
    clock = Ticking()
    with faulty_server(BUSY, BUSY, OK) as server:
        offers = KouponOffers(
            accounts={"main": replace(account, base_url=server.url)},
            secrets=RotatingSecrets(),
            transport=Transport(clock=clock, trust=ssl.create_default_context()),
            clock=clock,
        )
        offers.offers(account="main", consumer="ann", deadline=clock.now() + timedelta(hours=9))

    assert len(set(targets(server))) == 3
    assert all(is_signed(target, url=server.url) for target in targets(server))


@settings(max_examples=25)
@given(
    consumer=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
    .filter(str.strip)
    .filter(lambda text: text not in (".", ".."))
)
def test_any_identity_arrives_as_it_was_signed(consumer: str) -> None:
    with faulty_server(OK) as server:
        client(server.url).offers(account="main", consumer=consumer, deadline=CLOCK.after(4))

    (target,) = targets(server)
    assert is_signed(target, url=server.url)


@pytest.mark.parametrize(
    "path",
    ["/a%2cb", "/a%7Eb", "/a b", "/a|b", "/a/../b", "/naïve", "/a?", "/a#b", "?x", "/a?b=[c"],
)
def test_a_url_that_would_be_rewritten_is_not_sent(path: str) -> None:
    transport = Transport(clock=WallClock(), trust=ssl.create_default_context())
    with faulty_server(OK) as server, pytest.raises(HttpFailed) as refused:
        transport.get_exactly(lambda: server.url + path, headers={}, seconds=2.0)
    transport.close()

    assert refused.value.failure is Failure.URL_REWRITTEN
    assert server.connections == 0


def test_a_secret_that_cannot_be_read_sends_nothing() -> None:
    with faulty_server(OK) as server, pytest.raises(ProviderUnavailable) as refused:
        client(server.url, secrets=RotatingSecrets(stored={})).offers(
            account="main", consumer="ann", deadline=CLOCK.after(2)
        )

    assert refused.value.reason == "secret_unavailable"
    assert server.connections == 0
