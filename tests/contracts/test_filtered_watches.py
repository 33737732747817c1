"""A watch with a filter sees its part of a consumer's list at the simulator, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.provider import Provider
from couponbus.providers.redemptions import ProviderRedemptions
from couponbus_sandbox.koupon import KouponSandbox, KouponSettings, koupon_server
from tests.fakes.redemptions import MemoryRedemptions
from tests.unit.providers.koupon.asking import CLOCK, client
from tests.unit.providers.uniqodo import canned
from tests.unit.usecases.polling.polling_world import KOUPON, USER, PollingWorld, new_watch
from tests.unit.usecases.polling.test_start_watches import watching

MOBILE, SOME_STORES, WEB, IN_THE_APP = 1281, 1282, 1283, 1284
ONLY_WEB = ListFilter(channel="web")


class RedemptionsOfSimulator(MemoryRedemptions):
    """Asks the simulator, whose time is the real one."""

    def __init__(self, redemptions: ProviderRedemptions) -> None:
        super().__init__()
        self._redemptions = redemptions

    def poll(
        self,
        *,
        provider: Provider,
        account: str,
        promotion: str | None,
        user_id: str,
        list_filter: ListFilter | None,
        deadline: datetime,
    ) -> Snapshot:
        del deadline
        self.filters.append(list_filter)
        return self._redemptions.poll(
            provider=provider,
            account=account,
            promotion=promotion,
            user_id=user_id,
            list_filter=list_filter,
            deadline=CLOCK.after(4),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Harness:
    """The product's polling, and the Koupon that it polls."""

    world: PollingWorld
    koupon: KouponSandbox

    def begin(self, list_filter: ListFilter | None, *, signup_id: str = "signup-1") -> Watch:
        """Return the watch of the consumer after its first poll."""
        rule = replace(KOUPON, list_filter=list_filter)
        new = new_watch(user=USER, now=self.world.clock.now(), order=rule)
        watching(self.world).begin([replace(new, signup_id=signup_id)])
        self.go_on()
        return self.watch(new.key)

    def redeem(self, offer_id: int) -> None:
        """Redeem once at the till, and let the product see it."""
        self.koupon.redeem(USER, offer_id)
        self.go_on()

    def go_on(self) -> None:
        """Let each watch be polled several times."""
        for _ in range(4):
            self.world.cycle(seconds=600)

    def watch(self, key: str) -> Watch:
        """Return a watch as it is stored."""
        row = self.world.ledger.rows[key]
        assert isinstance(row, Watch)
        return row

    @property
    def recorded(self) -> list[str]:
        """Return the offers of the redemptions that were recorded."""
        return [str(row.offer_id) for row in self.world.recorded]


@pytest.fixture(scope="module")
def running() -> Iterator[KouponSandbox]:
    with koupon_server(KouponSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def harness(running: KouponSandbox) -> Harness:
    running.reset()
    world = PollingWorld()
    world.redemptions = RedemptionsOfSimulator(
        ProviderRedemptions(uniqodo=canned.client(canned.Canned()), koupon=client(running.url))
    )
    world.poller = world._poller()
    return Harness(world=world, koupon=running)


@pytest.mark.parametrize(
    ("list_filter", "shown"),
    [
        (None, {MOBILE, SOME_STORES, WEB, IN_THE_APP, 1287}),
        (ONLY_WEB, {WEB}),
        (ListFilter(digital_property_code="app"), {IN_THE_APP}),
        (ListFilter(storeid=("12", "34")), {MOBILE, SOME_STORES, WEB, IN_THE_APP}),
        (ListFilter(channel="mobile", publishedonly=True, storeid=("56",)), {1281, 1284, 1287}),
    ],
)
def test_a_watch_knows_the_offers_that_pass_its_filter(
    harness: Harness, list_filter: ListFilter | None, shown: set[int]
) -> None:
    watch = harness.begin(list_filter)

    assert {int(offer.offer_id) for offer in watch.offers} == shown
    assert set(harness.world.redemptions.filters) == {list_filter}


def test_what_is_redeemed_outside_of_the_filter_is_no_news(harness: Harness) -> None:
    watch = harness.begin(ONLY_WEB)

    harness.redeem(MOBILE)
    assert harness.recorded == []
    assert harness.watch(watch.key).revision == watch.revision

    harness.redeem(WEB)
    assert harness.recorded == [str(WEB)]
    assert set(harness.world.redemptions.filters) == {ONLY_WEB}


def test_a_sign_up_with_another_filter_prolongs_the_one_watch_and_no_redemption_comes_twice(
    harness: Harness,
) -> None:
    first = harness.begin(None)
    again = harness.begin(ONLY_WEB, signup_id="signup-2")

    harness.redeem(WEB)

    assert (again.key, again.list_filter) == (first.key, None)
    assert harness.recorded == [str(WEB)]


def test_a_watch_that_starts_again_has_the_filter_of_the_later_sign_up(harness: Harness) -> None:
    watch = harness.begin(None)
    now = harness.world.clock.now()
    ended = watch.ended(reason=EndReason.CANCELLED, now=now, publish_by=now).announced(now=now)
    harness.world.ledger.rows[watch.key] = ended.written("end")

    again = harness.begin(ONLY_WEB, signup_id="signup-2")
    harness.redeem(MOBILE)

    assert (again.round, again.list_filter) == (2, ONLY_WEB)
    assert harness.recorded == []
