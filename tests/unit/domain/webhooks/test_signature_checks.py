"""What came in is its sender's only if everything fits, and a broken header is no error."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.webhooks.signature import (
    ID_MAX,
    SIGNATURES_MAX,
    Forged,
    key_of,
    secret_of,
    signed,
)
from tests.unit.domain.webhooks.signing import AT, BODY, ID, KEY, SECONDS, WRONG_KEY, problem


@pytest.mark.parametrize(
    ("seconds", "wrong"),
    [
        (301, Forged.TOO_OLD),
        (300.001, Forged.TOO_OLD),
        (300, None),
        (-300, None),
        (-300.001, Forged.TOO_NEW),
        (-301, Forged.TOO_NEW),
    ],
)
def test_five_minutes_are_tolerated_here(seconds: float, wrong: Forged | None) -> None:
    assert problem(now=AT + timedelta(seconds=seconds)) is wrong


def test_age_is_checked_only_after_the_signature() -> None:
    assert problem(body=b"forged", now=AT + timedelta(days=1)) is Forged.SIGNATURE


def test_signatures_of_other_versions_are_left_aside() -> None:
    good = signed(message_id=ID, at=AT, body=BODY, keys=[KEY])
    as_v2 = good.replace("v1,", "v2,")

    assert problem(signatures=f"v1a,AAAA {as_v2} {good}") is None
    assert problem(signatures=as_v2) is Forged.SIGNATURE
    assert problem(signatures=good.removeprefix("v1,")) is Forged.SIGNATURE


def test_only_so_many_signatures_are_checked() -> None:
    good = signed(message_id=ID, at=AT, body=BODY, keys=[KEY])

    assert problem(signatures=" ".join(["v1,x"] * (SIGNATURES_MAX - 1) + [good])) is None
    assert problem(signatures=" ".join(["v1,x"] * SIGNATURES_MAX + [good])) is Forged.SIGNATURE


@pytest.mark.parametrize(
    "signatures", ["", " ", ",", "v1", "v1,", "v1,é", "v1,\ud800", "v1," + "A" * 100_000]
)
def test_a_broken_header_is_no_signature(signatures: str) -> None:
    assert problem(signatures=signatures) is Forged.SIGNATURE


@pytest.mark.parametrize("keys", [[], [WRONG_KEY] * 3])
def test_without_the_right_key_nothing_passes(keys: Sequence[bytes]) -> None:
    assert problem(keys=keys) is Forged.SIGNATURE


@pytest.mark.parametrize(
    "message_id", ["", "msg 1", "msg.1", "msg\n1", "é", "x" * (ID_MAX + 1), "msg_1\n"]
)
def test_an_id_that_could_be_read_in_two_ways_is_refused(message_id: str) -> None:
    assert problem(message_id=message_id) is Forged.ID


@pytest.mark.parametrize(
    "timestamp",
    ["", "-1", "+1", " 1", "1.0", "1e9", "1_0", "0x1", "\u0661", "9" * 13, f"{SECONDS}\n", "nan"],
)
def test_a_time_is_seconds_and_nothing_else(timestamp: str) -> None:
    assert problem(timestamp=timestamp) is Forged.TIMESTAMP


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_secret_is_given_out_and_read_again(size: int) -> None:
    key = random.Random(size).randbytes(size)

    assert secret_of(key).startswith("whsec_")
    assert key_of(secret_of(key)) == key
    assert key_of(secret_of(key).removeprefix("whsec_")) == key


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        secret_of(b"x" * 23),
        secret_of(b"x" * 65),
        secret_of(KEY)[:-1],
        f"{secret_of(KEY)} ",
        f"whsec_whsec_{secret_of(KEY)}",
        "whsec_" + "é" * 40,
        "whsec_" + "-_" * 20,
    ],
)
def test_what_is_no_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(ConfigurationInvalid) as raised:
        key_of(secret)

    assert str(raised.value) == "a signing secret is whsec_ and 24 to 64 bytes in base64"
