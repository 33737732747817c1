"""A secret of callers is one text or several, and an invalid one is not quoted."""

import json

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.inbound.callbacks import SECRETS_MAX, path_secrets_in, signing_keys_in
from couponbus.domain.webhooks.signature import PREFIX, secret_of

GENERATED = "ObviouslyFake0" * 3 + "Ab"  # 44 letters and digits, as Secrets Manager generates them
OTHER = "NotARealSecret9" * 2 + "Wxyz"
KEYS = (b"test-key-not-real-0000-first", b"test-key-not-real-0000-second")


def test_what_secrets_manager_makes_up_signs_with_and_without_the_prefix() -> None:
    assert len(GENERATED) == 44
    assert signing_keys_in(GENERATED) == signing_keys_in(PREFIX + GENERATED)
    assert len(signing_keys_in(GENERATED)[0]) == 33


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n", " , \n"])
def test_several_stand_beside_each_other_while_a_secret_is_rotated(between: str) -> None:
    text = between.join(secret_of(key) for key in KEYS)

    assert signing_keys_in(f" {text}\n") == KEYS
    assert path_secrets_in(f"{GENERATED}{between}{OTHER}") == (GENERATED, OTHER)


def test_several_may_be_a_json_list() -> None:
    assert signing_keys_in(json.dumps([secret_of(key) for key in KEYS])) == KEYS
    assert path_secrets_in(json.dumps([GENERATED, OTHER])) == (GENERATED, OTHER)


def test_a_secret_that_is_named_twice_counts_once() -> None:
    assert path_secrets_in(f"{GENERATED} {GENERATED}") == (GENERATED,)


@pytest.mark.parametrize("read", [signing_keys_in, path_secrets_in])
@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        "[]",
        "[1]",
        '["planted-secret',
        '{"sign_ups": "planted-secret"}',
        '[["planted-secret"]]',
        "planted-secret",
        f"{GENERATED} planted-secret",
        "[" * 100_000,
        " ".join(f"{GENERATED[:-1]}{number}" for number in range(SECRETS_MAX + 1)),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else value.__name__,
)
def test_what_is_no_secret_is_an_operators_business_and_is_not_shown(
    read: object, text: str
) -> None:
    assert callable(read)
    with pytest.raises(ConfigurationInvalid) as refused:
        read(text)

    assert "planted" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("text", ["short", "with/a/slash" * 3, "with%20escape" * 3, "x" * 129])
def test_a_path_secret_can_stand_in_a_path_as_it_is_and_cannot_be_guessed(text: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="24 to 128"):
        path_secrets_in(text)
