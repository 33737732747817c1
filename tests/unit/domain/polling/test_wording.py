"""Only what can be a time or a currency is published in a provider's own words."""

import pytest

from couponbus.domain.polling.published_redemption import publishable_currency, publishable_time


@pytest.mark.parametrize(
    "words",
    [
        "2019-05-15T08:55:37+0100",
        "2026-06-01T12:00:00.123456Z",
        "17-05-2019 23:59:59",
        "03-15-13 11:00:00 AM",
        "20260601",
        "1. 6. 2026, 9:30 pm",
    ],
)
def test_a_time_is_published_in_whatever_form_it_comes(words: str) -> None:
    assert publishable_time(words) == words


@pytest.mark.parametrize(
    "words",
    [
        "ann@customer.example",
        "2026-06-01 ann@customer.example",
        "in spring",
        "+447700900123",
        "2026-06-01 447700900123",
        "2026-06-01\n",
        "",
        "1 " * 40,
    ],
)
def test_words_that_may_be_anything_are_not_published(words: str) -> None:
    assert publishable_time(words) is None


@pytest.mark.parametrize("word", ["GBP", "eur", "$", "€"])
def test_a_currency_is_published(word: str) -> None:
    assert publishable_currency(word) == word


@pytest.mark.parametrize("word", [None, "", "Ann Smith", "ann@customer.example", "GBP\n", "Anna"])
def test_what_names_no_currency_is_not_published(word: str | None) -> None:
    assert publishable_currency(word) is None
