"""One port for two providers: which calls it makes, and the snapshots that it returns."""

import json
from collections.abc import Callable, Mapping

import pytest

from couponbus.domain.errors import ContractBroken, InputRejected, ProviderError, RequestRefused
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.snapshot import Snapshot, StockSnapshot
from couponbus.domain.provider import Provider
from couponbus.providers.http.retries import PASSING_STATUSES
from couponbus.providers.http.transport import HttpAnswer, Transport
from couponbus.providers.koupon.account import KouponAccount
from couponbus.providers.koupon.client import KouponOffers
from couponbus.providers.redemptions import ProviderRedemptions
from tests.unit.providers.fakes import WallClock
from tests.unit.providers.koupon.answers import encoded, envelope, offer
from tests.unit.providers.koupon.asking import RotatingSecrets
from tests.unit.providers.uniqodo.answers import full_answer
from tests.unit.providers.uniqodo.canned import PROMOTION, Canned, answered, client

CLOCK = WallClock()


class CannedOffers(Transport):
    """Gives the same answer to each signed request."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.asked: list[str] = []
        self._answer = answer

    def get_exactly(
        self,
        fresh_url: Callable[[], str],
        *,
        headers: Mapping[str, str],
        seconds: float,
        statuses: frozenset[int] = PASSING_STATUSES,
    ) -> HttpAnswer:
        del headers, statuses
        assert seconds > 0
        self.asked.append(fresh_url())
        return self._answer


def both(
    *, uniqodo: Transport | None = None, koupon: Transport | None = None
) -> ProviderRedemptions:
    """Return the port; a provider that is not given must not be called."""
    account = KouponAccount(name="main", base_url="http://127.0.0.1:1", secret_id="secret")
    return ProviderRedemptions(
        uniqodo=client(uniqodo or Canned()),
        koupon=KouponOffers(
            accounts={"main": account},
            secrets=RotatingSecrets(),
            transport=koupon or Canned(),
            clock=CLOCK,
        ),
    )


def poll(
    at: ProviderRedemptions,
    provider: Provider,
    *,
    user_id: str = "ann",
    promotion: str | None = None,
    list_filter: ListFilter | None = None,
) -> Snapshot:
    return at.poll(
        provider=provider,
        account="main",
        promotion=promotion,
        user_id=user_id,
        list_filter=list_filter,
        deadline=CLOCK.after(5),
    )


def test_uniqodo_is_asked_about_a_user_of_a_promotion() -> None:
    transport = Canned(answered(json.dumps(full_answer()).encode()))

    seen = poll(both(uniqodo=transport), Provider.UNIQODO, promotion=PROMOTION)

    (asked,) = transport.asked
    assert f"/query/user-redemption/{PROMOTION}?userId=ann" in asked
    assert [use.redemption_id for use in seen.uses] == ["1925118", "1925119"]
    assert (seen.is_complete, seen.offers) == (True, ())


def test_koupon_is_asked_about_all_offers_of_a_consumer() -> None:
    offers = [offer(offerId=1, totalOffersRemaining=5), offer(offerId=2)]
    transport = CannedOffers(answered(encoded(envelope(*offers))))

    seen = poll(both(koupon=transport), Provider.KOUPON)

    (asked,) = transport.asked
    assert asked.startswith("http://127.0.0.1:1/v2/ann/offers?identifier=")
    assert [(one.offer_id, one.count, one.limit) for one in seen.offers] == [
        ("1", 1, 3),
        ("2", 1, 3),
    ]
    assert StockSnapshot(offer_id="1", left=5) in seen.stock
    assert seen.uses == ()


def test_koupon_is_asked_for_what_the_filter_lets_through() -> None:
    transport = CannedOffers(answered(encoded(envelope(offer(offerId=1, channel=" Web ")))))
    wanted = ListFilter(
        channel="web", digital_property_code="my app", publishedonly=True, storeid=("12", "34")
    )

    seen = poll(both(koupon=transport), Provider.KOUPON, list_filter=wanted)

    (asked,) = transport.asked
    assert asked.partition("&identifier=")[0].partition("?")[2] == (
        "publishedonly=yes&storeid=12,34&channel=web&digital_property_code=my%20app"
    )
    assert [one.offer_id for one in seen.offers] == ["1"]


@pytest.mark.parametrize(
    ("list_filter", "shown", "reason"),
    [
        (ListFilter(channel="web"), {"channel": "mobile"}, "channel_not_kept"),
        (
            ListFilter(publishedonly=True),
            {"offerPublished": "12-31-99 11:00:00 AM"},
            "publishedonly_not_kept",
        ),
    ],
)
def test_a_list_that_ignores_the_filter_shows_nothing_that_could_be_recorded(
    list_filter: ListFilter, shown: dict[str, object], reason: str
) -> None:
    transport = CannedOffers(answered(encoded(envelope(offer(offerId=1), offer(**shown)))))

    with pytest.raises(ContractBroken) as broken:
        poll(both(koupon=transport), Provider.KOUPON, list_filter=list_filter)

    assert broken.value.reason == reason


def test_an_offer_that_does_not_say_its_channel_may_be_of_any() -> None:
    transport = CannedOffers(answered(encoded(envelope(offer(offerId=1, channel=None)))))

    seen = poll(both(koupon=transport), Provider.KOUPON, list_filter=ListFilter(channel="web"))

    assert len(seen.offers) == 1


def test_a_watch_of_uniqodo_without_a_promotion_cannot_be_asked_about() -> None:
    with pytest.raises(InputRejected) as rejected:
        poll(both(), Provider.UNIQODO)

    assert rejected.value.fields == ("promotion",)


@pytest.mark.parametrize("provider", Provider)
def test_an_unknown_customer_is_refused_by_each_provider_in_the_same_words(
    provider: Provider,
) -> None:
    no_data = json.dumps({"data": None, "errors": [{"code": 204, "message": "any"}]}).encode()
    transport: Canned | CannedOffers = Canned(answered(no_data, status=404))
    if provider is Provider.KOUPON:
        transport = CannedOffers(answered(b"Not found", status=404))

    with pytest.raises(RequestRefused) as refused:
        poll(both(uniqodo=transport, koupon=transport), provider, promotion=PROMOTION)

    assert (refused.value.provider, refused.value.status) == (provider.value, 404)


@pytest.mark.parametrize("provider", Provider)
def test_an_error_does_not_name_its_customer(provider: Provider) -> None:
    broken = answered(b"[", status=200)
    transport: Canned | CannedOffers = Canned(broken)
    if provider is Provider.KOUPON:
        transport = CannedOffers(broken)

    with pytest.raises(ProviderError) as failed:
        poll(
            both(uniqodo=transport, koupon=transport),
            provider,
            user_id="ann-the-customer",
            promotion=PROMOTION,
        )

    assert "ann" not in f"{failed.value} {failed.value.request_id}"
