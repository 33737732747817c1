"""A later sign-up prolongs the watch of a customer who is watched already."""

from dataclasses import replace

import pytest

from couponbus.events.commands import ContinueWork
from couponbus.usecases.polling.record import cohorts_of
from tests.unit.usecases.polling.polling_world import PollingWorld, new_watch, snapshot, use
from tests.unit.usecases.polling.test_start_watches import watching


def test_a_later_sign_up_prolongs_the_watch_and_renews_its_age() -> None:
    world = PollingWorld()
    world.begin()
    world.pass_days(80, step=21_600)
    later = new_watch(user="user-1", now=world.clock.now())

    begun = watching(world).begin([replace(later, signup_id="signup-2")])
    world.cycle(seconds=60)
    world.cycle(seconds=60)
    world.pass_days(15, step=21_600)
    world.show(snapshot(use()))
    world.pass_days(1, step=21_600)

    watch = world.watch("user-1")
    assert (begun.watches, begun.unstored) == ([], frozenset())
    assert (watch.signup_id, watch.last_signup_id) == ("signup-user-1", "signup-2")
    assert watch.ends_at == later.ends_at
    assert "RedemptionRecorded" in world.published_types
    assert "WatchEnded" not in world.published_types
    assert watch.cohort_at is not None
    assert watch.cohort_at >= later.started_at
    counted = {cohort for cohort, number in world.cohorts.counts.items() if number}
    assert counted == cohorts_of(watch)


def test_the_same_later_sign_up_prolongs_once() -> None:
    world = PollingWorld()
    world.begin()
    later = replace(new_watch(user="user-1", now=world.in_seconds(60)), signup_id="signup-2")
    watching(world).begin([later])
    once = world.watch("user-1")

    watching(world).begin([replace(later, ends_at=world.in_seconds(9e7))])

    assert world.watch("user-1") == once


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("longer_first", [True, False])
def test_of_two_programs_that_one_sign_up_matches_the_longer_horizon_counts(
    together: bool, longer_first: bool
) -> None:
    world = PollingWorld()
    shorter = new_watch(user="user-1", now=world.clock.now())
    horizon = shorter.poll_policy.horizon_seconds * 2
    longer = replace(
        shorter,
        poll_policy=replace(shorter.poll_policy, horizon_seconds=horizon),
        ends_at=world.in_seconds(horizon),
    )
    both = [longer, shorter] if longer_first else [shorter, longer]

    for batch in [both] if together else [[one] for one in both]:
        watching(world).begin(batch)
    world.show(snapshot())
    world.cycle(seconds=60)
    world.cycle(seconds=60)
    once = world.watch("user-1")
    watching(world).begin(both)

    assert (once.ends_at, once.poll_policy) == (longer.ends_at, longer.poll_policy)
    assert world.watch("user-1") == once


def test_a_sign_up_with_a_shorter_horizon_shortens_nothing() -> None:
    world = PollingWorld()
    before = world.begin()
    later = replace(before, signup_id="signup-2", ends_at=world.in_seconds(60), revision=0)

    watching(world).begin([later])
    world.cycle(seconds=60)

    after = world.watch("user-1")
    assert (after.ends_at, after.poll_policy) == (before.ends_at, before.poll_policy)


def test_two_sign_ups_of_one_batch_lead_to_the_watch_of_two_batches() -> None:
    world, other = PollingWorld(), PollingWorld()
    first = replace(new_watch(user="user-1", now=world.clock.now()), ends_at=world.in_seconds(60))
    later = replace(first, signup_id="signup-2", ends_at=world.in_seconds(9e6))

    begun = watching(world).begin([first, later, replace(first)])
    for one in (first, later):
        watching(other).begin([one])

    watch = world.watch("user-1")
    assert replace(watch, write_id="") == replace(other.watch("user-1"), write_id="")
    assert (watch.signup_id, watch.ends_at) == (first.signup_id, later.ends_at)
    assert [new.signup_id for new, _ in begun.doubles] == [later.signup_id, first.signup_id]
    assert [one.key for one in begun.watches] == [first.key]


def test_a_sign_up_during_a_poll_has_the_watch_polled_again() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.show(snapshot(use()))
    later = replace(new_watch(user="user-1", now=world.in_seconds(1)), signup_id="signup-2")

    def sign_up() -> None:
        watching(world).begin([later])

    def second() -> None:
        world.redemptions.before_answer = sign_up

    world.redemptions.before_answer = second
    world.poll(ContinueWork(keys=(watch.key,)))
    due_at = world.watch("user-1").due_at
    world.cycle(seconds=120)

    assert due_at is not None
    assert due_at < world.clock.now()
    assert len(world.recorded) == 1
