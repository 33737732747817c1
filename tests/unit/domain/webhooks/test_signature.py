"""What we sign the published package verifies, what it signs we accept, and nothing else passes."""

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from couponbus.domain.webhooks.signature import Forged, secret_of, signed
from tests.unit.domain.webhooks.signing import AT, BODY, ID, KEY, OLD_KEY, WRONG_KEY, problem

BODIES = 1_000
# Several scripts, JSON escapes, terminal controls, and characters beyond the basic plane.
LETTERS = 'aZ09 {}[]":,.\\/\n\r\t\0\x1b\x7f\x80ÿßéЖ中文\u200b\u202e\ufeff\U0001f39f\U0010ffff'


def present() -> datetime:
    """Return the present time: the published package accepts no other clock."""
    return datetime.now(UTC)


def verifies(
    *,
    body: bytes,
    timestamp: str,
    signatures: str,
    message_id: str = ID,
    key: bytes = KEY,
) -> bool:
    """Return the package's verdict; it raises another class of error for a broken header."""
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signatures,
    }
    try:
        Webhook(secret_of(key)).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def bodies() -> Iterator[str]:
    """Yield bodies of all sizes, the same in each run."""
    chance = random.Random(20261124)
    yield ""
    yield "x" * 1_000_000
    for _ in range(BODIES - 2):
        yield "".join(chance.choices(LETTERS, k=chance.choice((1, 2, 7, 60, 900))))


def flipped(data: bytes) -> Iterator[bytes]:
    """Yield the data with each one of its bits flipped."""
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def text_of(data: bytes) -> str:
    return data.decode("latin-1")


def test_a_thousand_bodies_of_ours_verify_there() -> None:
    at = present()
    timestamp = str(int(at.timestamp()))

    for text in bodies():
        body = text.encode()
        signatures = signed(message_id=ID, at=at, body=body, keys=[KEY])
        assert verifies(body=body, timestamp=timestamp, signatures=signatures), text[:80]


def test_a_thousand_bodies_of_theirs_are_accepted_here() -> None:
    oracle = Webhook(secret_of(KEY))

    for text in bodies():
        assert problem(body=text.encode(), signatures=oracle.sign(ID, AT, text)) is None, text[:80]


def test_one_flipped_bit_in_each_of_a_thousand_bodies_fails_there_and_here() -> None:
    at = present()
    timestamp = str(int(at.timestamp()))
    chance = random.Random(11)

    for text in bodies():
        body = text.encode()
        if not body:
            continue
        signatures = signed(message_id=ID, at=at, body=body, keys=[KEY])
        changed = bytearray(body)
        changed[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        other = bytes(changed)
        # The package raises on bytes that are not text, which counts as a refusal as well.
        assert not verifies(body=other, timestamp=timestamp, signatures=signatures)
        assert (
            problem(body=other, timestamp=timestamp, signatures=signatures, now=at)
            is Forged.SIGNATURE
        )


@pytest.mark.parametrize("body", [b"{}", BODY], ids=["short", "not ascii"])
def test_each_flipped_bit_of_a_body_fails_there_and_here(body: bytes) -> None:
    at = present()
    timestamp = str(int(at.timestamp()))
    signatures = signed(message_id=ID, at=at, body=body, keys=[KEY])

    for other in flipped(body):
        assert not verifies(body=other, timestamp=timestamp, signatures=signatures)
        assert problem(body=other, timestamp=timestamp, signatures=signatures, now=at) is (
            Forged.SIGNATURE
        )


def test_each_flipped_bit_of_an_id_fails_there_and_here() -> None:
    at = present()
    timestamp = str(int(at.timestamp()))
    signatures = signed(message_id=ID, at=at, body=BODY, keys=[KEY])

    for other in map(text_of, flipped(ID.encode())):
        assert not verifies(body=BODY, timestamp=timestamp, signatures=signatures, message_id=other)
        assert problem(message_id=other) in (Forged.ID, Forged.SIGNATURE)


def test_each_flipped_bit_of_a_timestamp_fails_there_and_here() -> None:
    at = present()
    timestamp = str(int(at.timestamp()))
    signatures = signed(message_id=ID, at=at, body=BODY, keys=[KEY])

    for other in map(text_of, flipped(timestamp.encode())):
        assert not verifies(body=BODY, timestamp=other, signatures=signatures)
        assert problem(timestamp=other, signatures=signatures, now=at) in (
            Forged.TIMESTAMP,
            Forged.SIGNATURE,
        )


def test_each_flipped_bit_of_a_signature_fails_there_and_here() -> None:
    at = present()
    timestamp = str(int(at.timestamp()))
    version, _, signature = signed(message_id=ID, at=at, body=BODY, keys=[KEY]).partition(",")

    for other in flipped(base64.b64decode(signature)):
        signatures = f"{version},{base64.b64encode(other).decode()}"
        assert not verifies(body=BODY, timestamp=timestamp, signatures=signatures)
        assert problem(timestamp=timestamp, signatures=signatures, now=at) is Forged.SIGNATURE


def test_each_flipped_bit_of_a_signature_as_it_is_written_fails_here() -> None:
    at = present()
    timestamp = str(int(at.timestamp()))
    signatures = signed(message_id=ID, at=at, body=BODY, keys=[KEY])

    accepted_there = set()
    for bit, other in enumerate(map(text_of, flipped(signatures.encode()))):
        assert problem(timestamp=timestamp, signatures=other, now=at) is Forged.SIGNATURE
        if verifies(body=BODY, timestamp=timestamp, signatures=other):
            accepted_there.add(bit // 8)

    # 32 bytes leave two bits of the last letter unused: the package ignores them.
    assert accepted_there <= {signatures.rindex("=") - 1}


def test_a_wrong_secret_fails_there_and_here() -> None:
    at = present()
    timestamp = str(int(at.timestamp()))
    signatures = signed(message_id=ID, at=at, body=BODY, keys=[WRONG_KEY])

    assert not verifies(body=BODY, timestamp=timestamp, signatures=signatures)
    assert problem(timestamp=timestamp, signatures=signatures, now=at) is Forged.SIGNATURE


@pytest.mark.parametrize("minutes", [-4.8, 0, 4.8])
def test_a_time_that_is_five_minutes_off_is_tolerated_there(minutes: float) -> None:
    assert verifies_when_signed_at(present() + timedelta(minutes=minutes))


@pytest.mark.parametrize("minutes", [-5.2, 5.2])
def test_what_is_stale_or_from_the_future_fails_there(minutes: float) -> None:
    assert not verifies_when_signed_at(present() + timedelta(minutes=minutes))


def verifies_when_signed_at(at: datetime) -> bool:
    signatures = signed(message_id=ID, at=at, body=BODY, keys=[KEY])
    return verifies(body=BODY, timestamp=str(int(at.timestamp())), signatures=signatures)


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_both_secrets_verify_while_they_overlap(key: bytes) -> None:
    at = present()
    timestamp = str(int(at.timestamp()))
    signatures = signed(message_id=ID, at=at, body=BODY, keys=[KEY, OLD_KEY])

    assert verifies(body=BODY, timestamp=timestamp, signatures=signatures, key=key)
    assert problem(timestamp=timestamp, signatures=signatures, keys=[key], now=at) is None


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_a_sender_may_use_either_of_our_secrets(key: bytes) -> None:
    theirs = Webhook(secret_of(key)).sign(ID, AT, BODY.decode())

    assert problem(signatures=theirs, keys=[KEY, OLD_KEY]) is None
    assert problem(signatures=theirs, keys=[WRONG_KEY]) is Forged.SIGNATURE


def test_an_aware_time_of_any_zone_signs_the_same_second() -> None:
    tokyo = AT.astimezone(timezone(timedelta(hours=9)))

    assert signed(message_id=ID, at=tokyo, body=BODY, keys=[KEY]) == (
        signed(message_id=ID, at=AT, body=BODY, keys=[KEY])
    )
    # The package takes the local time for UTC, so its signature cannot be verified.
    theirs = Webhook(secret_of(KEY)).sign(ID, tokyo, BODY.decode())
    assert problem(signatures=theirs) is Forged.SIGNATURE


def test_what_the_package_signs_when_it_is_given_bytes_is_refused() -> None:
    theirs = Webhook(secret_of(KEY)).sign(ID, AT, BODY)  # type: ignore[arg-type]

    assert problem(signatures=theirs) is Forged.SIGNATURE
