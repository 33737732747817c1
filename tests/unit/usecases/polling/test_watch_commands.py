"""Commands that begin and end watches: done whole, or redelivered; bad ones are quarantined."""

from dataclasses import replace

import pytest

from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.redemption import CustomParams, Redemption
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.events.commands import EndWatches, WatchCustomers, WatchedCustomer
from couponbus.usecases.invocation import Metric
from tests.unit.usecases.polling.polling_world import (
    KOUPON,
    PROGRAM,
    USER,
    PollingWorld,
    new_watch,
    snapshot,
    use,
)


def wanted(*users: str, program: str = "welcome") -> WatchCustomers:
    customers = tuple(
        WatchedCustomer(reference=f"signup-{user}", uniqodo_user_id=user) for user in users
    )
    return WatchCustomers(program=program, customers=customers)


def test_existing_customers_are_watched_and_polled_in_the_same_invocation() -> None:
    world = PollingWorld()
    world.show(snapshot())

    report = world.poll(wanted(USER))

    assert world.watch().state is WatchState.ACTIVE
    assert report.metrics[Metric.WATCHES_STARTED] == 1
    assert world.polls.sent == []


def test_asking_twice_begins_once() -> None:
    world = PollingWorld()
    world.show(snapshot())
    world.poll(wanted(USER))

    report = world.poll(wanted(USER, USER))

    assert report.metrics[Metric.WATCHES_STARTED] == 0


def test_a_watch_has_the_filter_of_its_rule_and_the_id_that_it_would_have_without() -> None:
    rule = replace(KOUPON, list_filter=ListFilter(channel="web"))
    world = PollingWorld(replace(PROGRAM, watches=(rule,)))
    customer = WatchedCustomer(reference="signup-1", koupon_consumer=USER)
    unfiltered = new_watch(user=USER, now=world.clock.now(), order=KOUPON)
    world.redemptions.shows[(rule.provider, rule.account, None, USER)] = snapshot()

    world.poll(WatchCustomers(program="welcome", customers=(customer,)))

    watch = world.ledger.rows[unfiltered.key]
    assert isinstance(watch, Watch)
    assert (watch.list_filter, watch.state) == (rule.list_filter, WatchState.ACTIVE)
    assert set(world.redemptions.filters) == {rule.list_filter}


def test_a_customer_that_no_provider_knows_by_name_is_counted() -> None:
    world = PollingWorld()
    nameless = WatchCustomers(program="welcome", customers=(WatchedCustomer(reference="x"),))

    report = world.poll(nameless)

    assert report.metrics[Metric.WITHOUT_IDENTITY] == 1
    assert report.failed == []


@pytest.mark.parametrize("program", ["unheard", "idle"])
def test_a_program_that_watches_nothing_puts_the_command_aside(program: str) -> None:
    world = PollingWorld(PROGRAM, replace(PROGRAM, name="idle", watches=()))

    report = world.poll(wanted(USER, program=program))

    assert report.failed == []
    assert [letter.reason for letter in world.quarantine.letters] == ["program_watches_nothing"]


@pytest.mark.parametrize(
    "failure", [ConfigurationInvalid("program x: wrong pattern"), SecretUnavailable("pepper")]
)
def test_what_an_operator_can_mend_brings_the_command_again(failure: Exception) -> None:
    world = PollingWorld()
    if isinstance(failure, SecretUnavailable):
        world.pseudonyms.failure = failure
    else:
        world.programs.failure = failure

    assert world.poll(wanted(USER)).failed == ["m-0"]


def test_a_cancelled_watch_is_polled_no_more_and_its_end_is_published_once() -> None:
    world = PollingWorld()
    watch = world.begin()
    end = EndWatches(reason="cancelled", keys=(watch.key,))

    world.poll(end)
    world.poll(end)
    world.pass_days(0.2)

    assert world.watch().reason == EndReason.CANCELLED
    assert world.published_types == ["WatchEnded"]
    assert not any(world.cohorts.counts.values())


def test_an_erased_watch_forgets_who_it_was() -> None:
    world = PollingWorld()
    watch = world.begin(seen=snapshot(use()))

    world.poll(EndWatches(reason="erased", keys=(watch.key,)))

    assert (world.watch().user_id, world.watch().uses) == (None, ())
    assert world.watch().reason == EndReason.ERASED


def attached(number: int = 1) -> Redemption:
    return replace(use(number), custom_params=CustomParams(raw=f'{{"of":"{USER}"}}'))


def test_an_erased_watch_forgets_what_shops_attached_to_its_redemptions() -> None:
    world = PollingWorld()
    watch = world.begin(seen=snapshot(attached(1), attached(2)))
    assert [row.custom_params is None for row in world.recorded] == [False, False]

    report = world.poll(EndWatches(reason="erased", keys=(watch.key,)))
    world.pass_days(0.1)

    assert report.failed == []
    assert [row.custom_params for row in world.recorded] == [None, None]
    assert world.published_types.count("RedemptionRecorded") == 2


def test_a_cancelled_watch_keeps_what_its_webhooks_may_still_need() -> None:
    world = PollingWorld()
    watch = world.begin(seen=snapshot(attached()))

    world.poll(EndWatches(reason="cancelled", keys=(watch.key,)))

    assert world.recorded[0].custom_params is not None


@pytest.mark.parametrize("done", [0, 1, 2], ids=["none", "the redemptions", "the watch"])
def test_an_erasure_that_is_interrupted_is_completed_when_the_command_comes_again(
    done: int,
) -> None:
    world = PollingWorld()
    watch = world.begin(seen=snapshot(attached()))
    command = EndWatches(reason="erased", keys=(watch.key,))
    world.ledger.will_fail("write", times=3, after=done)

    first = world.poll(command)
    assert first.failed == (["m-0"] if done < 2 else [])
    world.poll(command)

    assert world.watch().user_id is None
    assert [row.custom_params for row in world.recorded] == [None]


def test_a_redemption_that_changes_meanwhile_brings_the_erasure_again() -> None:
    world = PollingWorld()
    watch = world.begin(seen=snapshot(attached()))
    [row] = world.recorded
    newer = row.announced(now=world.clock.now()).written("other")
    world.ledger.will_be_overtaken(lambda: world.ledger.rows.__setitem__(row.key, newer))
    command = EndWatches(reason="erased", keys=(watch.key,))

    assert world.poll(command).failed == ["m-0"]
    assert world.watch().user_id == USER
    world.poll(command)

    assert [row.custom_params for row in world.recorded] == [None]


def test_a_watch_whose_redemption_cannot_be_read_is_not_erased_by_halves() -> None:
    world = PollingWorld()
    watch, other = world.begin(seen=snapshot(attached())), world.begin(user="user-2")
    world.ledger.broken = {row.key for row in world.recorded}

    report = world.poll(EndWatches(reason="erased", keys=(watch.key, other.key)))

    assert (report.failed, report.broken) == (["m-0"], frozenset(world.ledger.broken))
    assert (world.watch().user_id, world.watch("user-2").user_id) == (USER, None)


def test_a_watch_that_has_ended_can_still_be_erased() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.poll(EndWatches(reason="cancelled", keys=(watch.key,)))

    world.poll(EndWatches(reason="erased", keys=(watch.key,)))

    assert world.watch().user_id is None
    assert not world.watch().may_restart


def test_an_end_that_may_not_be_stored_comes_again() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.ledger.will_fail("write", times=3)

    report = world.poll(EndWatches(reason="cancelled", keys=(watch.key,)))

    assert report.failed == ["m-0"]


def test_an_end_that_is_overtaken_comes_again() -> None:
    world = PollingWorld()
    watch = world.begin()
    overtaking = watch.put_off(until=world.in_seconds(9)).written("other")
    world.ledger.will_be_overtaken(lambda: world.ledger.rows.__setitem__(watch.key, overtaking))

    report = world.poll(EndWatches(reason="cancelled", keys=(watch.key,)))

    assert report.failed == ["m-0"]
    assert world.watch().state is WatchState.ACTIVE


def test_an_unknown_watch_ends_silently() -> None:
    world = PollingWorld()

    report = world.poll(EndWatches(reason="erased", keys=("WATCH#UNHEARD",)))

    assert report.failed == []
