"""A sign-up makes the customers of a program that says so; what they redeem is not missed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import ProviderUnavailable
from couponbus.domain.polling.poll_policy import Customers
from couponbus.domain.provider import Provider
from couponbus.events.commands import ContinueWork, WatchCustomers, WatchedCustomer
from couponbus.usecases.invocation import Metric
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import an_offer, offers
from tests.unit.usecases.polling.polling_world import (
    KOUPON,
    PROGRAM,
    UNIQODO,
    USER,
    PollingWorld,
    new_watch,
    snapshot,
    use,
)
from tests.unit.usecases.polling.test_start_watches import NAMES, WATCHED, watches, watching, who
from tests.unit.usecases.world import World, message


@pytest.mark.parametrize(
    ("customers", "recorded", "events"),
    [
        (Customers.NEW, [(True, timedelta(0))], ["RedemptionRecorded"]),
        (Customers.ANY, [], ["FirstPollLate"]),
    ],
)
def test_what_is_redeemed_between_sign_up_and_a_late_first_poll_is_recorded_of_a_new_customer(
    customers: Customers, recorded: Sequence[tuple[bool, timedelta]], events: Sequence[str]
) -> None:
    world = PollingWorld()
    signs_up_at = world.clock.now()
    order = replace(KOUPON, customers=customers)
    begun = watching(world).begin(watching(world).watches_for(who(koupon="ann"), (order,)))
    place = (Provider.KOUPON, "main", None, "ann")
    down = ProviderUnavailable("down", provider="koupon", route="test", status=503)
    world.redemptions.failures.extend([down] * 1000)
    world.redemptions.shows[place] = offers(an_offer(starts=signs_up_at - timedelta(days=9)))
    world.pass_days(0.05)

    world.redemptions.shows[place] = offers(
        an_offer(count=1, starts=signs_up_at - timedelta(days=9))
    )
    world.pass_days(3 / 24)
    world.redemptions.failures.clear()
    world.pass_days(1)

    seen = [(row.inferred, (row.seen_after or NOON) - signs_up_at) for row in world.recorded]
    assert len(begun.watches) == 1
    assert seen == recorded
    assert world.published_types == events


def test_a_sign_up_makes_the_customers_of_a_program_that_says_so_and_a_command_does_not() -> None:
    order = replace(UNIQODO, customers=Customers.NEW)
    signing_up, commanded = (
        World(replace(WATCHED, watches=(order,))),
        PollingWorld(replace(PROGRAM, name="welcome", watches=(order,))),
    )

    signing_up.handle(message(**NAMES))
    commanded.poll(
        WatchCustomers(
            program="welcome",
            customers=(WatchedCustomer(reference="signup-1", uniqodo_user_id="user-1"),),
        )
    )

    assert [one.customers for one in watches(signing_up)] == [Customers.NEW]
    assert commanded.watch("user-1").customers is Customers.ANY


def test_a_late_first_poll_that_set_redemptions_aside_is_counted() -> None:
    world = PollingWorld()
    watch = new_watch(user=USER, now=world.clock.now() - timedelta(hours=3))
    world.ledger.rows[watch.key] = watch.put_off(until=world.clock.now()).written("begin")
    world.show(snapshot(replace(use(), redeemed_at=None)))

    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert report.metrics[Metric.FIRST_POLLS_LATE] == 1
    assert world.watch().set_aside == 1
