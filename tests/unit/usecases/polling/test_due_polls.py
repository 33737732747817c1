"""Which watches are polled when due, which are not, and which messages are redelivered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from couponbus.events.commands import ContinueWork, EndWatches, PollSpans
from couponbus.usecases.invocation import Metric
from couponbus.usecases.polling.pauses import Pausing
from tests.unit.usecases.polling.polling_world import (
    INVOCATION,
    KOUPON,
    PROMOTION,
    USER,
    PollingWorld,
    new_watch,
    snapshot,
    use,
)

HOUR = timedelta(hours=1)


def spans_when_due(world: PollingWorld) -> PollSpans:
    """Let time pass until a cohort has a due poll; returns the command."""
    for _ in range(200):
        world.clock.pass_time(600)
        world.tick()
        for sent in world.polls.sent:
            if isinstance(sent, PollSpans):
                world.polls.sent = []
                return sent
        world.polls.sent = []
    raise AssertionError("no poll was due in 33 hours")


def owed_its_first_poll(world: PollingWorld) -> Watch:
    """Return a stored watch that is due for its first poll."""
    watch = new_watch(user=USER, now=world.clock.now()).put_off(until=world.clock.now())
    world.ledger.rows[watch.key] = watch.written("begin")
    return watch


def pausing(world: PollingWorld) -> Pausing:
    return Pausing(store=world.base.store, clock=world.clock)


def test_due_polls_come_again_when_the_ledger_cannot_be_queried() -> None:
    world = PollingWorld()
    world.begin()
    command = spans_when_due(world)
    world.cohorts.will_fail("members")
    asked = len(world.redemptions.asked)

    assert world.poll(command).failed == ["m-0"]

    assert world.poll(command).failed == []
    assert len(world.redemptions.asked) > asked


@pytest.mark.parametrize(("late", "counted"), [(0.0, 0), (0.001, 1)])
def test_a_due_poll_is_made_until_the_very_end_of_its_time(late: float, counted: int) -> None:
    world = PollingWorld()
    world.begin()
    command = spans_when_due(world)
    world.clock.pass_time((command.useless_after - world.clock.now()).total_seconds() + late)
    asked = len(world.redemptions.asked)

    report = world.poll(command)

    assert report.metrics[Metric.LATE] == counted * len(command.spans)
    assert (len(world.redemptions.asked) > asked) == (not counted)


def test_a_paused_promotion_keeps_only_its_own_customers_from_being_polled() -> None:
    world = PollingWorld()
    world.begin()
    command = spans_when_due(world)
    pausing(world).pause_promotion(Provider.UNIQODO, "main", PROMOTION)
    world.clock.pass_time(31)  # the worker's copy of the pauses may be half a minute old
    asked = len(world.redemptions.asked)

    report = world.poll(command)

    assert report.metrics[Metric.PAUSED_WATCHES] == 1
    assert len(world.redemptions.asked) == asked


def test_a_watch_that_is_owed_a_poll_of_a_paused_account_is_due_again_in_an_hour() -> None:
    world = PollingWorld()
    watch = owed_its_first_poll(world)
    pausing(world).pause_account(Provider.UNIQODO, "main", reason="401")
    world.clock.pass_time(31)
    asked = len(world.redemptions.asked)

    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert report.metrics[Metric.PAUSED_WATCHES] == 1
    assert len(world.redemptions.asked) == asked
    assert world.watch().due_at == world.clock.now() + HOUR


def test_a_pause_writes_nothing_of_who_is_owed_no_poll() -> None:
    world = PollingWorld()
    watch = world.begin()
    pausing(world).pause_account(Provider.UNIQODO, "main", reason="401")
    world.clock.pass_time(31)

    world.poll(ContinueWork(keys=(watch.key,)))

    assert world.watch() == watch


def test_an_ended_watch_is_not_asked_about_and_keeps_no_other_from_its_poll() -> None:
    world = PollingWorld()
    ended = world.begin(user="over")
    world.poll(EndWatches(reason="erased", keys=(ended.key,)))
    other = world.begin(user="user-2")
    world.show(snapshot(use()), user="user-2")
    before = world.watch("over")
    asked = len(world.redemptions.asked)

    world.poll(ContinueWork(keys=(ended.key, other.key)))

    assert world.watch("over") == before
    assert len(world.redemptions.asked) - asked == 2  # the other: one poll, and one that is stored
    assert [row.watch_id for row in world.recorded] == [other.watch_id]


def test_a_row_that_is_no_watch_is_not_asked_about() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.show(snapshot(use()))
    world.poll(ContinueWork(keys=(watch.key,)))
    (row,) = world.recorded

    report = world.poll(ContinueWork(keys=(row.key, watch.key)))

    assert report.failed == []
    assert report.bugs == []


def begun_at_both(world: PollingWorld) -> list[Watch]:
    """Return a watch at each provider after its first poll."""
    world.redemptions.shows[Provider.KOUPON, "main", None, USER] = snapshot()
    at_koupon = new_watch(user=USER, now=world.clock.now(), order=KOUPON)
    world.ledger.rows[at_koupon.key] = at_koupon.put_off(until=world.clock.now()).written("begin")
    return [world.begin(), at_koupon]


def spans_at_both(world: PollingWorld) -> list[PollSpans]:
    """Let time pass until both providers have due polls in the same tick."""
    for _ in range(200):
        world.clock.pass_time(600)
        world.tick()
        sent = [one for one in world.polls.sent if isinstance(one, PollSpans)]
        world.polls.sent = []
        if {one.provider for one in sent} == set(Provider):
            return sent
    raise AssertionError("no such tick in 33 hours")


@pytest.mark.parametrize("kind", ["spans", "hints"])
def test_what_another_account_leaves_no_time_for_comes_again(kind: str) -> None:
    world = PollingWorld()
    hints = [ContinueWork(keys=(one.key,)) for one in begun_at_both(world)]
    commands = spans_at_both(world) if kind == "spans" else hints
    asked = len(world.redemptions.asked)
    world.redemptions.before_answer = lambda: world.clock.pass_time(INVOCATION)

    (failed,) = world.poll(*commands).failed
    again = commands[int(failed.removeprefix("m-"))]

    assert world.poll(again).failed == []
    assert {one[0] for one in world.redemptions.asked[asked:]} == set(Provider)


def test_lists_with_different_filters_are_polled_by_different_commands() -> None:
    world = PollingWorld()
    filters = [None, ListFilter(channel="web"), ListFilter(publishedonly=False, storeid=("12",))]
    for number, list_filter in enumerate(filters):
        rule = replace(KOUPON, list_filter=list_filter)
        watch = new_watch(user=f"user-{number}", now=world.clock.now(), order=rule)
        world.redemptions.shows[(rule.provider, "main", None, f"user-{number}")] = snapshot()
        world.ledger.rows[watch.key] = watch.put_off(until=world.clock.now()).written("begin")
    world.sweep()
    world.deliver()
    world.redemptions.filters.clear()
    world.redemptions.asked.clear()

    world.clock.pass_time(3600)
    report = world.tick()
    commands = [one for one in world.polls.sent if isinstance(one, PollSpans)]
    world.deliver()

    users = [asked[3] for asked in world.redemptions.asked]
    polled = set(zip(users, world.redemptions.filters, strict=True))
    assert report.spans == sum(len(each.spans) for each in commands) >= len(filters)
    assert polled == {(f"user-{number}", one) for number, one in enumerate(filters)}
