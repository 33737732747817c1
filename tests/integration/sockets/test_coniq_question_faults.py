"""What the Coniq client reports about a look-up at a faulty server."""

import json

import pytest

from couponbus.domain.errors import (
    ContractBroken,
    GatewayAnswered,
    GatewayDenied,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.domain.issuing.account import Lookup
from couponbus.domain.issuing.lookup import FilterIgnored
from tests.integration.sockets import scripts
from tests.integration.sockets.coniq import CLOCK, client, item, request
from tests.integration.sockets.server import Script, faulty_server
from tests.unit.providers.fakes import RotatingKeys

OWN_WORDS = b'{"code": 404, "message": "Not Found", "errors": []}'


def raised_by_find(script: Script, *, lookup: Lookup = Lookup.TRACKING_CODE) -> ProviderError:
    seconds = 1 if script is scripts.silence else 20  # which a busy machine does not use up
    with faulty_server(script) as server, pytest.raises(ProviderError) as raised:
        client(server.url, lookup=lookup).find(
            account="main", request=request(), deadline=CLOCK.after(seconds)
        )
    return raised.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("301 Moved", GatewayAnswered),
        ("400 Bad", GatewayAnswered),
        ("401 No", GatewayDenied),
        ("403 No", GatewayDenied),
        ("408 Slow", ProviderUnavailable),
        ("429 Busy", ProviderBusy),
        ("500 Oh", ProviderUnavailable),
        ("503 Busy", ProviderBusy),
    ],
)
def test_a_status_says_what_the_caller_can_do(status: str, kind: type[ProviderError]) -> None:
    headers = ("X-Request-Id: req-1", "Retry-After: 7")

    error = raised_by_find(scripts.answer(b"{}", status=status, headers=headers))

    assert type(error) is kind
    assert (error.status, error.request_id) == (int(status[:3]), "req-1")
    assert str(error) == f"coniq GET /barcode: status_{status[:3]}"
    if isinstance(error, ProviderBusy):
        assert error.retry_after == 7.0


@pytest.mark.parametrize(
    ("script", "kind", "reason"),
    [
        (scripts.reset_after_request, ProviderUnavailable, "connection_lost"),
        (scripts.silence, ProviderUnavailable, "deadline_passed"),
        (scripts.gzip_bomb(), ContractBroken, "answer_encoded"),
        (scripts.answer(b"<html>"), ContractBroken, "unreadable_answer"),
        (scripts.answer(b'[{"barcode_number": "1"}]'), ContractBroken, "unreadable_items"),
        (scripts.answer(b'{"error": "x"}'), ContractBroken, "unreadable_items"),
        (scripts.answer(b"<html>", status="404 Not Found"), GatewayAnswered, "status_404"),
        (scripts.answer(OWN_WORDS, status="404 Not Found"), ContractBroken, "status_404"),
    ],
)
def test_what_cannot_be_trusted_never_looks_like_nothing_found(
    script: Script, kind: type[ProviderError], reason: str
) -> None:
    error = raised_by_find(script)

    assert type(error) is kind
    assert error.reason == reason


def test_a_name_of_the_call_that_is_not_fit_to_be_shown_is_left_out() -> None:
    headers = ("X-Request-Id: ann@example.test",)

    assert raised_by_find(scripts.answer(b"", status="400 No", headers=headers)).request_id is None


def test_nothing_found_may_be_said_by_404_where_the_account_knows_it() -> None:
    with faulty_server(scripts.answer(OWN_WORDS, status="404 Not Found")) as server:
        coniq = client(server.url, absence_status=404)

        assert coniq.find(account="main", request=request(), deadline=CLOCK.after(20)) == []
        assert (
            coniq.find_customer(account="main", email="a@b.test", deadline=CLOCK.after(20)) is None
        )


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": "Not Found"}',
        b'{"message": "no Route matched with those values"}',
        b'{"status": 404, "error": "Not Found", "path": "/barcode"}',
        b'{"code": 404, "message": "The current request is not defined by this API."}',
        b'{"error": {"code": 404, "message": "Not Found", "status": "NOT_FOUND"}}',
        b"[]",
        b'"Not Found"',
    ],
)
def test_a_404_that_any_gateway_could_say_is_no_word_of_coniq(body: bytes) -> None:
    with faulty_server(scripts.answer(body, status="404 Not Found")) as server:
        coniq = client(server.url, absence_status=404)

        with pytest.raises(GatewayAnswered):
            coniq.find(account="main", request=request(), deadline=CLOCK.after(20))
        with pytest.raises(GatewayAnswered):
            coniq.find_customer(account="main", email="a@b.test", deadline=CLOCK.after(20))


def test_a_refused_key_is_read_again_once() -> None:
    keys = RotatingKeys(stored={"secret": "second-key-not-real"})
    keys.remember({"secret": "first-key-not-real"})
    refusal = scripts.answer(b"{}", status="401 Unauthorized")

    with faulty_server(refusal, scripts.answer(json.dumps([item()]).encode())) as server:
        found = client(server.url, keys=keys).find(
            account="main", request=request(), deadline=CLOCK.after(20)
        )

    assert [one.tracking_code for one in found] == ["sig-1"]
    assert keys.refreshed == ["secret"]


def test_a_key_that_stays_refused_is_tried_twice() -> None:
    keys = RotatingKeys()

    with (
        faulty_server(scripts.answer(b"{}", status="401 Unauthorized")) as server,
        pytest.raises(GatewayDenied),
    ):
        client(server.url, keys=keys).find(
            account="main", request=request(), deadline=CLOCK.after(20)
        )

    assert (len(server.requests), len(keys.refreshed)) == (2, 1)


def test_without_a_key_nothing_is_asked() -> None:
    with pytest.raises(ProviderUnavailable, match="secret_unavailable"):
        client("http://127.0.0.1:1", keys=RotatingKeys(stored={})).find(
            account="main", request=request(), deadline=CLOCK.after(20)
        )


def test_an_unknown_account_is_not_asked() -> None:
    with pytest.raises(ContractBroken, match="unknown_account"):
        client("http://127.0.0.1:1").find(
            account="other", request=request(), deadline=CLOCK.after(20)
        )


BY_CODE = b"/barcode?tracking_code=sig-1"
BY_CUSTOMER = b"/barcode?customer_id=1001&offer_id=101"
OTHER_CODE = {**item(1), "tracking_code": "other", "barcode_number": "24-other"}
CUT_CODE = {**item(1), "tracking_code": "SIG", "barcode_number": "24-cut"}
NO_CODE = {**item(1), "tracking_code": None, "barcode_number": "24-bare"}


@pytest.mark.parametrize(
    ("lookup", "target", "listed"),
    [
        (Lookup.TRACKING_CODE, BY_CODE, [item(1), CUT_CODE, NO_CODE]),
        (Lookup.CUSTOMER_AND_OFFER, BY_CUSTOMER, [item(1), OTHER_CODE, CUT_CODE, NO_CODE]),
    ],
)
def test_what_may_be_ours_is_found_by_the_criteria_of_the_account(
    lookup: Lookup, target: bytes, listed: list[dict[str, object]]
) -> None:
    with faulty_server(scripts.answer(json.dumps(listed).encode())) as server:
        found = client(server.url, lookup=lookup).find(
            account="main", request=request(), deadline=CLOCK.after(20)
        )

    assert [one.number for one in found] == [one["barcode_number"] for one in listed]
    assert server.requests[0].startswith(b"GET " + target + b" HTTP/1.1")


@pytest.mark.parametrize(
    ("lookup", "foreign"),
    [
        (Lookup.TRACKING_CODE, item(2)),
        (Lookup.TRACKING_CODE, {**item(2), "tracking_code": None}),
        (Lookup.TRACKING_CODE, OTHER_CODE),
        (Lookup.CUSTOMER_AND_OFFER, item(2)),
        (Lookup.CUSTOMER_AND_OFFER, {**item(1), "offer_id": 102}),
    ],
)
def test_one_foreign_item_shows_that_the_filter_was_ignored(
    lookup: Lookup, foreign: dict[str, object]
) -> None:
    error = raised_by_find(scripts.answer(json.dumps([foreign, NO_CODE]).encode()), lookup=lookup)

    assert isinstance(error, FilterIgnored)
    assert "24-bare" in [one.number for one in error.barcodes]
