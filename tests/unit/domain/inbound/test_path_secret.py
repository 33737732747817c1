"""The account of a callback follows from the secret in its path and from nothing else."""

import hmac

import pytest

from couponbus.domain.inbound.callbacks import account_opened_by

SECRETS = {
    "main": ("first-obviously-fake-secret-1", "second-obviously-fake-secret-2"),
    "other": ("third-obviously-fake-secret-3",),
}


def test_each_secret_of_an_account_opens_it() -> None:
    opened = {
        text: account_opened_by(text, SECRETS) for texts in SECRETS.values() for text in texts
    }

    assert opened == {
        "first-obviously-fake-secret-1": "main",
        "second-obviously-fake-secret-2": "main",
        "third-obviously-fake-secret-3": "other",
    }


@pytest.mark.parametrize(
    "given",
    [
        "",
        "main",
        "first-obviously-fake-secret-",
        "first-obviously-fake-secret-11",
        "FIRST-obviously-fake-secret-1",
        "first-obviously-fake-secret-1 ",
        "ünïcödé",
        "\ud800",
        "x" * 10_000,
    ],
)
def test_nothing_else_opens_anything(given: str) -> None:
    assert account_opened_by(given, SECRETS) is None


def test_where_no_account_is_nothing_opens() -> None:
    assert account_opened_by("first-obviously-fake-secret-1", {}) is None


@pytest.mark.parametrize("given", ["first-obviously-fake-secret-1", "x", "y" * 500])
def test_every_secret_is_compared_at_equal_length_whatever_was_given(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def noting(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noting)
    account_opened_by(given, SECRETS)

    assert compared == [(32, 32)] * 3
