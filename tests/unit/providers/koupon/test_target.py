"""What the client builds is spelt so that requests has nothing to rewrite."""

import requests
from hypothesis import given
from hypothesis import strategies as st

from couponbus.providers.koupon.urls import offers_url, sign_url

BASE = "https://consumer.example.test"
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
segments = texts.filter(lambda text: text not in (".", ".."))


@given(
    consumer=segments,
    offer_ids=st.lists(segments, max_size=5),
    query=st.lists(st.tuples(st.sampled_from(["storeid", "channel"]), st.lists(texts, min_size=1))),
    identifier=texts,
)
def test_preparing_it_changes_nothing(
    consumer: str, offer_ids: list[str], query: list[tuple[str, list[str]]], identifier: str
) -> None:
    url = offers_url(BASE, consumer=consumer, offer_ids=offer_ids, query=query)
    signed = sign_url(url, identifier=identifier, secret="test-secret", timestamp=1)

    assert requests.Request("GET", signed).prepare().url == signed


def test_lists_keep_their_commas_and_values_lose_theirs() -> None:
    url = offers_url(
        BASE + "/",
        consumer="a/b,c d",
        offer_ids=["1281", "1282"],
        query=[("storeid", ["12", "34"]), ("channel", ["a,b~%"])],
    )

    assert url == (f"{BASE}/v2/a%2Fb%2Cc%20d/offers/1281,1282?storeid=12,34&channel=a%2Cb~%25")
