"""Each tick enqueues the polls due since the last one, once, within the budget."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import LedgerUnavailable, QueueUnavailable
from couponbus.domain.polling.cohort import place_of
from couponbus.domain.polling.notice import budget_notice_id, notice_key
from couponbus.domain.polling.pause import Pause, pause_id_of
from couponbus.domain.polling.schedule import SCHEDULE_KEY, PollSchedule
from couponbus.domain.provider import Provider
from couponbus.events.commands import SPANS_PER_COMMAND, PollSpans
from couponbus.usecases.polling.schedule_polls import ScheduleReport
from tests.fakes.clock import NOON
from tests.unit.usecases.polling.polling_world import ACCOUNTS, PollingWorld, snapshot, use

MINUTE, HOUR = 60.0, 3600.0


def schedule(world: PollingWorld) -> PollSchedule:
    row = world.ledger.rows[SCHEDULE_KEY]
    assert isinstance(row, PollSchedule)
    return row


def sent(world: PollingWorld) -> list[PollSpans]:
    return [one for one in world.polls.sent if isinstance(one, PollSpans)]


def spans(world: PollingWorld) -> list[tuple[str, str]]:
    return [(one.cohort, one.first) for each in sent(world) for one in each.spans]


def crowded(*, users: int = 20) -> PollingWorld:
    """Return a world in which this number of watches began at the first tick."""
    world = PollingWorld()
    for number in range(users):
        world.begin(user=f"user-{number}")
    world.tick()
    world.polls.sent.clear()
    return world


def test_nothing_is_sent_while_there_are_no_watches() -> None:
    world = PollingWorld()

    report = world.tick()

    assert (report.spans, report.commands, world.polls.sent) == (0, 0, [])
    assert schedule(world).done_until == world.clock.now()


def test_young_watches_are_due_about_every_five_minutes() -> None:
    world = crowded()

    for _ in range(30):
        world.clock.pass_time(MINUTE)
        world.tick()

    minute = place_of(NOON, "")
    shards = Counter(
        span.shard for one in sent(world) for span in one.spans if span.first <= minute <= span.last
    )
    assert len(shards) == 4
    assert all(5 <= count <= 7 for count in shards.values()), shards


def test_a_late_tick_sends_each_of_them_once() -> None:
    world = crowded()

    world.clock.pass_time(3 * HOUR)
    world.tick()

    found = [(span.shard, span.first) for one in sent(world) for span in one.spans]
    assert len(found) == len(set(found))
    assert {shard for shard, _ in found} == {0, 1, 2, 3}


def test_a_tick_that_comes_twice_sends_no_poll_twice() -> None:
    world = crowded()
    world.clock.pass_time(HOUR)
    world.tick()
    before = len(sent(world))

    report = world.tick()

    assert report.skipped
    assert len(sent(world)) == before


def test_a_tick_while_another_is_under_way_does_nothing() -> None:
    world = crowded()
    world.clock.pass_time(HOUR)
    held = schedule(world).leased(until=world.in_seconds(30)).written("other")
    world.ledger.rows[SCHEDULE_KEY] = held

    assert world.tick().skipped
    world.clock.pass_time(31)
    assert not world.tick().skipped


def test_what_could_not_be_sent_is_sent_by_the_next_tick() -> None:
    world = crowded()
    world.clock.pass_time(HOUR)
    world.polls.will_fail()
    with pytest.raises(QueueUnavailable):
        world.tick()

    world.clock.pass_time(2 * MINUTE)
    world.tick()

    assert set(spans(world)) != set()


def test_a_tick_that_dies_after_sending_sends_again_and_loses_no_poll() -> None:
    world = crowded()
    world.clock.pass_time(HOUR)
    world.ledger.will_fail("write", times=3, after=1)
    with pytest.raises(LedgerUnavailable):
        world.tick()
    first = set(spans(world))
    world.polls.sent.clear()

    world.clock.pass_time(2 * MINUTE)
    world.tick()

    assert first <= set(spans(world))


def test_a_paused_account_is_left_out() -> None:
    world = crowded()
    pause = Pause(pause_id=pause_id_of(Provider.UNIQODO, "main"))
    world.ledger.rows[pause.key] = pause.of_all(reason="test", now=world.clock.now()).written("x")

    world.clock.pass_time(HOUR)
    report = world.tick()

    assert sent(world) == []
    assert report.paused == 1


def test_paused_promotions_are_counted_beside_paused_accounts() -> None:
    world = PollingWorld()
    now = world.clock.now()
    one = Pause(pause_id=pause_id_of(Provider.UNIQODO, "main"))
    other = Pause(pause_id=pause_id_of(Provider.KOUPON, "main"))
    one = one.of_promotion("P1", now=now).of_promotion("P2", now=now)
    rows = [one.written("x"), other.of_all(reason="test", now=now).written("x")]
    world.ledger.rows.update({row.key: row for row in rows})
    counted = [world.tick().paused]

    world.ledger.rows.update({row.key: row.resumed(None, now=now).written("y") for row in rows})
    world.clock.pass_time(MINUTE)
    counted.append(world.tick().paused)

    assert counted == [3, 0]


def test_an_account_whose_pause_cannot_be_read_counts_as_paused() -> None:
    world = PollingWorld()
    row = Pause(pause_id=pause_id_of(Provider.UNIQODO, "main")).written("x")
    world.ledger.rows[row.key] = row
    world.ledger.broken.add(row.key)

    report = world.tick()

    assert report.paused == 1
    assert report.broken == {row.key}


def test_a_budget_that_does_not_last_is_published_once_a_day_and_is_kept() -> None:
    poor = tuple(replace(one, calls_per_day=100) for one in ACCOUNTS)
    world = PollingWorld(accounts=poor)
    for number in range(20):
        world.begin(user=f"user-{number}")
    asked = len(world.redemptions.asked)

    until_midnight = [_ticked(world, 30 * MINUTE) for _ in range(23)]

    assert sum(report.exceeded for report in until_midnight) == 1
    assert world.published_types.count("PollingBudgetExceeded") == 1
    assert until_midnight[0].throttled == 1
    assert 20 <= len(world.redemptions.asked) - asked <= 100


def test_a_notice_that_cannot_be_stored_is_named_and_the_tick_goes_on() -> None:
    poor = tuple(replace(one, calls_per_day=100) for one in ACCOUNTS)
    world = PollingWorld(accounts=poor)
    for number in range(20):
        world.begin(user=f"user-{number}")
    notice_ids = [
        budget_notice_id(provider=one.provider, account=one.name, day=NOON.date().isoformat())
        for one in poor
    ]
    world.ledger.unfit |= {notice_key(each) for each in notice_ids}

    report = _ticked(world, 30 * MINUTE)

    assert len(report.broken) == 1
    assert report.broken <= world.ledger.unfit
    assert (report.exceeded, report.throttled) == (0, 1)


def test_a_command_is_no_larger_than_what_can_be_polled_in_one_go() -> None:
    slow = tuple(replace(one, calls_per_second=1.0) for one in ACCOUNTS)
    world = PollingWorld(accounts=slow)
    for number in range(200):
        world.begin(user=f"user-{number}")
    world.tick()
    world.polls.sent.clear()

    world.clock.pass_time(HOUR)
    report = world.tick()

    assert report.watches_expected == pytest.approx(200, rel=0.1)
    assert report.commands >= 10
    assert all(len(one.spans) <= SPANS_PER_COMMAND for one in sent(world))


def test_a_command_says_until_when_it_is_of_use() -> None:
    world = crowded()
    world.clock.pass_time(HOUR)

    world.tick()

    one = sent(world)[0]
    assert one.planned_at == world.clock.now()
    assert one.useless_after - one.planned_at == timedelta(hours=1)


def _ticked(world: PollingWorld, seconds: float) -> ScheduleReport:
    world.clock.pass_time(seconds)
    report = world.tick()
    world.sweep()
    world.deliver()
    return report


def test_a_cohort_that_cannot_be_read_leaves_the_others_due() -> None:
    world = PollingWorld()
    world.begin()
    watch = world.watch()
    assert watch.age_cohort is not None
    world.clock.pass_time(2 * HOUR)
    other = world.begin(user="another")
    world.tick()
    world.polls.sent.clear()
    world.cohorts.broken.add(watch.age_cohort.key)

    world.clock.pass_time(HOUR)
    report = world.tick()

    assert report.broken == {watch.age_cohort.key}
    assert other.age_cohort is not None
    assert {cohort for cohort, _ in spans(world)} == {other.age_cohort.key}


def test_what_is_redeemed_while_a_cohort_cannot_be_read_is_seen_at_the_end_of_the_watch() -> None:
    world = PollingWorld()
    watch = world.begin()
    assert watch.age_cohort is not None
    world.cohorts.broken.add(watch.age_cohort.key)
    world.show(snapshot(use(at=NOON + timedelta(days=30))))

    world.pass_days(91, step=6 * HOUR)

    assert len(world.recorded) == 1
    assert world.published_types == ["RedemptionRecorded", "WatchEnded"]


def test_a_cohort_that_can_be_read_again_is_due_again() -> None:
    world = PollingWorld()
    watch = world.begin()
    assert watch.age_cohort is not None
    world.cohorts.broken.add(watch.age_cohort.key)
    world.pass_days(1, step=HOUR)
    world.show(snapshot(use()))
    world.cohorts.broken.clear()

    world.pass_days(1, step=HOUR)

    assert len(world.recorded) == 1
