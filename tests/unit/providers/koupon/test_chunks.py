"""Each piece of a list fits into one URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.errors import InputRejected
from couponbus.providers.koupon.urls import URL_MAX, check_length, chunks, offers_url, sign_url

BASE = "https://consumer.example.test"
LONGEST_IDENTIFIER = "i" * 160
ids = st.lists(st.text("abcé ~%1", min_size=1, max_size=120), max_size=120)


@given(offer_ids=ids, most=st.integers(1, 50))
def test_every_id_travels_once_and_no_url_is_too_long(offer_ids: list[str], most: int) -> None:
    def url(*piece: str) -> str:
        return offers_url(BASE, consumer="ann", offer_ids=piece, query=[("storeid", ["12", "34"])])

    pieces = list(chunks(offer_ids, most=most, url=url()))

    assert [name for piece in pieces for name in piece] == list(dict.fromkeys(offer_ids))
    for piece in pieces:
        signed = sign_url(
            url(*piece), identifier=LONGEST_IDENTIFIER, secret="test-secret", timestamp=10**10
        )
        assert 1 <= len(piece) <= most
        assert len(signed) <= URL_MAX


def test_long_ids_go_as_many_at_a_time_as_a_url_has_room_for() -> None:
    names = [f"{number}-{'é' * 20}" for number in range(10, 40)]

    pieces = list(chunks(names, most=50, url=BASE))

    assert [name for piece in pieces for name in piece] == names
    assert len(pieces) > 1
    for piece in pieces:
        check_length(offers_url(BASE, consumer="", offer_ids=piece, query=[]))


def test_plain_ids_go_fifty_at_a_time() -> None:
    names = [str(number) for number in range(1000, 1120)]

    assert [len(piece) for piece in chunks(names, most=50, url=BASE)] == [50, 50, 20]


def test_an_id_that_does_not_fit_alone_is_refused() -> None:
    with pytest.raises(InputRejected) as refused:
        list(chunks(["a" * 200], most=50, url="u" * 1700))

    assert refused.value.fields == ("offer_ids",)


def test_a_url_leaves_room_for_its_signature() -> None:
    check_length("u" * 1744)
    with pytest.raises(InputRejected) as refused:
        check_length("u" * 1745)

    assert (refused.value.reason, refused.value.fields) == ("too_long", ("url",))
