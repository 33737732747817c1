"""Due watches are polled; news is stored once; a poll without news writes nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import ProviderUnavailable
from couponbus.domain.polling.compare import after_poll
from couponbus.domain.polling.comparison import Changes, Comparison
from couponbus.domain.polling.recorded_redemption import RedemptionState
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.row import Row
from couponbus.events.commands import ContinueWork, EndWatches
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from couponbus.usecases.store import Store
from tests.fakes.clock import NOON
from tests.unit.usecases.polling.polling_world import PollingWorld, snapshot, use

DAY = 86_400.0


def test_the_first_poll_counts_nothing_from_before_and_lets_the_watch_be_found() -> None:
    world = PollingWorld()

    watch = world.begin(seen=snapshot(use(at=NOON - timedelta(days=9))))

    assert watch.state is WatchState.ACTIVE
    assert [row.state for row in world.recorded] == [RedemptionState.BEFORE]
    assert world.published_types == []
    assert watch.age_cohort in world.cohorts.counts


def test_a_redemption_is_recorded_once_however_often_it_is_seen() -> None:
    world = PollingWorld()
    world.begin()
    world.show(snapshot(use()))

    world.pass_days(1.0)

    assert world.published_types == ["RedemptionRecorded"]
    assert [row.native_id for row in world.recorded] == ["1"]
    assert world.watch().recorded == 1


def test_polls_without_news_write_nothing() -> None:
    world = PollingWorld()
    world.begin()
    world.sweep()
    before = (dict(world.ledger.rows), len(world.redemptions.asked))

    for _ in range(200):
        world.clock.pass_time(600)
        world.tick()
        world.deliver()

    assert len(world.redemptions.asked) - before[1] > 30
    del world.ledger.rows["SCHEDULE#polls"]
    assert world.ledger.rows == {
        key: row for key, row in before[0].items() if key != "SCHEDULE#polls"
    }


def test_news_is_polled_again_before_it_is_written() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.show(snapshot(use()))
    asked = len(world.redemptions.asked)

    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert len(world.redemptions.asked) - asked == 2
    assert report.metrics[Metric.RECORDED] == 1


def test_what_changed_back_between_the_two_polls_is_not_recorded() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.show(snapshot(use()))
    world.redemptions.before_answer = lambda: world.show(snapshot())

    world.poll(ContinueWork(keys=(watch.key,)))

    assert world.recorded == []


def test_a_watch_that_changed_during_its_poll_is_left_as_it_is() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.show(snapshot(use()))

    def erase() -> None:
        world.poll(EndWatches(reason="erased", keys=(watch.key,)))

    def overtake() -> None:
        world.redemptions.before_answer = erase

    world.redemptions.before_answer = overtake
    world.poll(ContinueWork(keys=(watch.key,)))

    assert world.recorded == []
    assert world.watch().user_id is None
    assert world.watch().reason == EndReason.ERASED


def test_a_lost_answer_of_the_last_write_records_nothing_twice() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.show(snapshot(use()))
    world.ledger.will_lose_the_answer(times=2)

    world.poll(ContinueWork(keys=(watch.key,)))
    world.clock.pass_time(120)
    world.sweep()

    assert len(world.recorded) == 1
    assert world.published_types.count("RedemptionRecorded") == 1


def test_news_that_cannot_be_polled_again_is_brought_up_by_the_sweeper() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.show(snapshot(use()))
    world.redemptions.failures += [None, ProviderUnavailable("x", provider="uniqodo", route="x")]

    world.poll(ContinueWork(keys=(watch.key,)))
    before = len(world.recorded)
    world.clock.pass_time(400)
    world.sweep()
    world.deliver()

    assert (before, len(world.recorded)) == (0, 1)


def test_a_used_up_code_ends_its_watch_after_a_grace_of_daily_polls() -> None:
    world = PollingWorld()
    world.begin()
    world.show(replace(snapshot(use()), is_used_up=True))

    world.pass_days(0.5)
    calls, row = len(world.redemptions.asked), world.watch()
    world.pass_days(20, step=3600)
    during = (len(world.redemptions.asked) - calls, world.watch())
    world.pass_days(11, step=3600)

    assert row.state is WatchState.ACTIVE
    assert 18 <= during[0] <= 22
    assert during[1] == row
    assert world.watch().state is WatchState.ENDED
    assert world.watch().reason == EndReason.USED_UP
    assert sorted(world.published_types) == ["OfferEnded", "RedemptionRecorded", "WatchEnded"]
    assert not any(world.cohorts.counts.values())


def test_a_watch_ends_with_one_more_poll_when_its_code_has_expired() -> None:
    world = PollingWorld()
    ends = NOON + timedelta(days=2)
    world.begin(seen=replace(snapshot(), code_ends=ends))
    world.pass_days(2.9)
    world.show(replace(snapshot(use()), code_ends=ends))

    world.pass_days(0.3)

    assert world.watch().reason == EndReason.EXPIRED
    assert world.published_types[0] == "BarcodeExpiring"
    assert sorted(world.published_types[1:]) == ["OfferEnded", "RedemptionRecorded", "WatchEnded"]


def test_a_message_that_is_no_command_goes_to_quarantine_with_the_place_of_its_fault() -> None:
    world = PollingWorld()
    bodies = ["no json", json.dumps({"type": "Unheard"}), json.dumps({"type": "PollSpans"})]
    messages = [Message(message_id=str(n), body=body) for n, body in enumerate(bodies)]

    report = world.poller.handle(messages, deadline=world.in_seconds(60))

    assert report.failed == []
    assert [letter.reason for letter in world.quarantine.letters] == [
        "not_json",
        "not_a_command",
        "schema",
    ]
    assert "spans" in world.quarantine.letters[2].fields


def test_a_message_comes_again_when_its_watches_cannot_be_read() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.ledger.will_fail("read", times=1)

    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert report.failed == ["m-0"]


def test_a_message_comes_again_when_what_was_seen_may_not_be_stored() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.show(snapshot(use()))
    world.ledger.will_fail("write_together", times=3)

    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert report.failed == ["m-0"]
    assert world.recorded == []


def test_due_polls_that_come_too_late_are_left_to_the_next_ones() -> None:
    world = PollingWorld()
    world.begin()
    world.tick()
    world.clock.pass_time(DAY)
    world.tick()
    asked = len(world.redemptions.asked)

    world.clock.pass_time(2 * 3600)
    report = world.deliver()

    assert report.metrics[Metric.LATE] >= 1
    assert len(world.redemptions.asked) == asked


def test_a_watch_on_which_the_code_raises_keeps_no_other_from_being_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = PollingWorld()
    keys = tuple(world.begin(user=f"user-{number}").key for number in range(3))
    for number in range(3):
        world.show(snapshot(use(number)), user=f"user-{number}")

    def failing(comparison: Comparison) -> Changes:
        if comparison.watch.user_id == "user-1":
            raise ZeroDivisionError
        return after_poll(comparison)

    monkeypatch.setattr("couponbus.usecases.polling.record.after_poll", failing)
    report = world.poll(ContinueWork(keys=keys))

    assert report.bugs == ["ZeroDivisionError"]
    assert sorted(row.native_id or "" for row in world.recorded) == ["0", "2"]


def test_a_message_on_which_the_code_raises_fails_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = PollingWorld()
    keys = [world.begin(user=f"user-{number}").key for number in range(4)]
    read = Store.read

    def failing(self: Store, wanted: Sequence[str]) -> Mapping[str, Row]:
        if keys[1] in wanted:
            raise ZeroDivisionError
        return read(self, wanted)

    monkeypatch.setattr(Store, "read", failing)
    report = world.poll(*(ContinueWork(keys=(key,)) for key in keys))

    assert report.failed == ["m-1"]
    assert set(report.bugs) == {"ZeroDivisionError"}


def test_what_one_of_the_two_polls_still_shows_has_not_gone() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.tick()
    world.show(snapshot(use()))
    world.poll(ContinueWork(keys=(watch.key,)))
    world.cycle(seconds=90)
    world.show(snapshot())
    world.poll(ContinueWork(keys=(watch.key,)))
    missed = world.watch().uses[0].missing
    # By a due poll, so that a poll that is not stored comes first, and shows it.
    world.show(snapshot(use()))
    world.redemptions.before_answer = lambda: world.show(snapshot())
    world.clock.pass_time(1800)
    world.tick()

    world.deliver()

    assert missed
    assert [row.state for row in world.recorded] == [RedemptionState.RECORDED]
