"""A webhook is accepted only if it is signed, and recognised if it was accepted before."""

from datetime import timedelta

import pytest

from couponbus_cli.listen import arrival
from couponbus_cli.listen.arrival import Verifier
from tests.fakes.clock import NOON, ManualClock
from tests.unit.cli.listen.posting import BODY, KEY, OLD_KEY, headers_of

SECOND = timedelta(seconds=1)


def a_verifier(*keys: bytes, answer: int = 204, clock: ManualClock | None = None) -> Verifier:
    return Verifier(keys=keys, answer=answer, now=(clock or ManualClock()).now)


def test_what_is_signed_is_verified_and_shown_by_its_names() -> None:
    received = a_verifier(KEY).verify(headers_of(), BODY)

    assert received.data() == {
        "at": "2026-06-01T12:00:00+00:00",
        "webhook_id": "msg_2KWPBgLlAfxdpx2AI54pPJ",
        "type": "BarcodeIssued",
        "event_id": "e-1",
        "verified": True,
        "problem": None,
        "times": 1,
        "duplicate": False,
        "answered": 204,
        "bytes": len(BODY),
    }


def test_either_secret_of_a_rotation_verifies() -> None:
    verifier = a_verifier(KEY, OLD_KEY)

    assert verifier.verify(headers_of(keys=[OLD_KEY]), BODY).verified
    assert a_verifier(OLD_KEY).verify(headers_of(keys=[KEY, OLD_KEY]), BODY).verified


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        (headers_of(keys=[OLD_KEY]), "webhook_signature"),
        (headers_of(at=NOON - 301 * SECOND), "timestamp_too_old"),
        (headers_of(at=NOON + 301 * SECOND), "timestamp_too_new"),
        ({**headers_of(), "webhook-id": ""}, "webhook_id"),
        ({**headers_of(), "webhook-timestamp": "noon"}, "webhook_timestamp"),
        ({}, "webhook_id"),
    ],
)
def test_what_is_not_genuine_is_refused_and_not_remembered(
    headers: dict[str, str], problem: str
) -> None:
    verifier = a_verifier(KEY)

    forged = verifier.verify(headers, BODY)
    genuine = verifier.verify(headers_of(), BODY)

    assert (forged.verified, forged.problem, forged.answered) == (False, problem, 400)
    assert (genuine.times, genuine.duplicate) == (1, False)


def test_the_time_is_that_of_the_clock_that_was_given() -> None:
    clock = ManualClock()
    clock.pass_time(2 * 86_400)

    assert a_verifier(KEY, clock=clock).verify(headers_of(), BODY).problem == "timestamp_too_old"
    later = headers_of(at=clock.now())
    assert a_verifier(KEY, clock=clock).verify(later, BODY).verified


def test_what_was_taken_before_is_a_duplicate_and_what_was_not_is_another_attempt() -> None:
    taking, refusing = a_verifier(KEY), a_verifier(KEY, answer=503)

    accepted = [taking.verify(headers_of(), BODY) for _ in range(2)]
    refused = [refusing.verify(headers_of(), BODY) for _ in range(2)]

    assert [(one.times, one.duplicate) for one in accepted] == [(1, False), (2, True)]
    assert [(one.times, one.duplicate) for one in refused] == [(1, False), (2, False)]
    assert {one.answered for one in refused} == {503}


def test_without_a_secret_everything_is_taken_and_nothing_verified() -> None:
    received = a_verifier().verify({"webhook-id": "msg_1"}, BODY)

    assert (received.verified, received.problem, received.answered) == (False, "no_secret", 204)


@pytest.mark.parametrize("body", [b"", b"no", b"[1]", b"\xff", b"[" * 100_000, b'{"type": 7}'])
def test_a_body_that_is_no_event_is_shown_as_what_it_is(body: bytes) -> None:
    received = a_verifier(KEY).verify(headers_of(body), body)

    assert (received.verified, received.detail_type, received.event_id) == (True, None, None)
    assert received.problem == (None if body.startswith(b"{") else "no_json")


def test_only_so_many_ids_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "IDS_MAX", 2)
    verifier = a_verifier(KEY)

    for name in ("msg_1", "msg_2", "msg_3"):
        verifier.verify(headers_of(webhook_id=name), BODY)

    assert verifier.verify(headers_of(webhook_id="msg_3"), BODY).duplicate
    assert not verifier.verify(headers_of(webhook_id="msg_1"), BODY).duplicate
