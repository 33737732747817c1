"""What the Coniq client says about a look-up that met a faulty server."""

import json

import pytest

from couponbus.domain.account import Lookup
from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
)
from tests.integration.sockets import scripts
from tests.integration.sockets.coniq import CLOCK, client, item, request
from tests.integration.sockets.server import Script, faulty_server
from tests.unit.providers.fakes import RotatingKeys


def raised_by_find(script: Script) -> ProviderError:
    with faulty_server(script) as server, pytest.raises(ProviderError) as raised:
        client(server.url).find(account="main", request=request(), deadline=CLOCK.after(1))
    return raised.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("301 Moved", ContractBroken),
        ("400 Bad", ContractBroken),
        ("401 No", CredentialsRefused),
        ("403 No", CredentialsRefused),
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
        (scripts.answer(b"<html>", status="404 Not Found"), ContractBroken, "status_404"),
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


def test_nothing_found_may_also_be_said_by_404() -> None:
    with faulty_server(scripts.answer(b'{"code": 404}', status="404 Not Found")) as server:
        coniq = client(server.url)

        assert coniq.find(account="main", request=request(), deadline=CLOCK.after(3)) == []
        assert (
            coniq.find_customer(account="main", email="a@b.test", deadline=CLOCK.after(3)) is None
        )


def test_a_refused_key_is_read_again_once() -> None:
    keys = RotatingKeys(stored={"secret": "second-key-not-real"})
    keys.remember({"secret": "first-key-not-real"})
    refusal = scripts.answer(b"{}", status="401 Unauthorized")

    with faulty_server(refusal, scripts.answer(json.dumps([item()]).encode())) as server:
        found = client(server.url, keys=keys).find(
            account="main", request=request(), deadline=CLOCK.after(3)
        )

    assert [one.tracking_code for one in found] == ["sig-1"]
    assert keys.refreshed == ["secret"]


def test_a_key_that_stays_refused_is_tried_twice() -> None:
    keys = RotatingKeys()

    with (
        faulty_server(scripts.answer(b"{}", status="401 Unauthorized")) as server,
        pytest.raises(CredentialsRefused),
    ):
        client(server.url, keys=keys).find(
            account="main", request=request(), deadline=CLOCK.after(3)
        )

    assert (len(server.requests), len(keys.refreshed)) == (2, 1)


def test_without_a_key_nothing_is_asked() -> None:
    with pytest.raises(ProviderUnavailable, match="secret_unavailable"):
        client("http://127.0.0.1:1", keys=RotatingKeys(stored={})).find(
            account="main", request=request(), deadline=CLOCK.after(3)
        )


def test_an_account_that_nobody_knows_is_not_asked() -> None:
    with pytest.raises(ContractBroken, match="unknown_account"):
        client("http://127.0.0.1:1").find(
            account="other", request=request(), deadline=CLOCK.after(3)
        )


@pytest.mark.parametrize(
    ("lookup", "target"),
    [
        (Lookup.TRACKING_CODE, b"/barcode?tracking_code=sig-1"),
        (Lookup.CUSTOMER_AND_OFFER, b"/barcode?customer_id=1001&offer_id=101"),
    ],
)
def test_a_filter_that_coniq_ignores_is_applied_here(lookup: Lookup, target: bytes) -> None:
    ours, bare = item(1), {**item(1), "tracking_code": None, "barcode_number": "24-bare"}
    theirs = [item(2), {**item(2), "tracking_code": None}, {**item(1), "tracking_code": "other"}]
    body = json.dumps([*theirs, ours, bare]).encode()

    with faulty_server(scripts.answer(body)) as server:
        coniq = client(server.url, lookup=lookup)
        found = coniq.find(account="main", request=request(), deadline=CLOCK.after(3))
        existing = coniq.existing(account="main", request=request(), deadline=CLOCK.after(3))

    assert [one.number for one in found] == [ours["barcode_number"], "24-bare"]
    assert [one.tracking_code for one in existing] == ["other", "sig-1", None]
    assert server.requests[0].startswith(b"GET " + target + b" HTTP/1.1")
    assert server.requests[1].startswith(b"GET /barcode?customer_id=1001&offer_id=101 HTTP/1.1")
