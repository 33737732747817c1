"""What every kind of row can do."""

from datetime import timedelta

import pytest

from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.row import DETAIL_BYTES, TRAIL_LIMIT, Row, Step, own_keys
from tests import factories
from tests.fakes.clock import NOON


def test_a_row_is_written_as_its_next_revision() -> None:
    row = factories.any_row()

    once = row.written("w-1")
    twice = once.written("w-2")

    assert (row.revision, once.revision, twice.revision) == (0, 1, 2)
    assert (once.write_id, twice.write_id) == ("w-1", "w-2")


def test_a_row_that_nothing_holds_back_is_ready() -> None:
    row = Row()

    assert row.is_ready(NOON)


def test_a_row_is_not_ready_before_its_time() -> None:
    row = Row(ready_at=NOON)

    assert not row.is_ready(NOON - timedelta(microseconds=1))
    assert row.is_ready(NOON)


def test_a_row_that_a_queue_has_is_left_alone_for_a_while() -> None:
    until = NOON + timedelta(minutes=5)

    assert Row(due_at=NOON, ready_at=NOON).handed_over(until=until) == Row(
        due_at=until, ready_at=NOON
    )


def test_a_published_outcome_is_owed_no_more() -> None:
    row = Row(outcomes=3, published=1, due_at=NOON)

    announced = row.announced(now=NOON)

    assert row.unpublished
    assert not announced.unpublished
    assert (announced.published, announced.published_at, announced.due_at) == (3, NOON, None)


def test_a_long_history_keeps_its_beginning_and_its_end() -> None:
    row = Row()
    for number in range(100):
        row = Row(trail=row.step(NOON, str(number)))

    steps = [step.what for step in row.trail]

    assert len(steps) == TRAIL_LIMIT
    assert steps[:4] == ["0", "1", "2", "3"]
    assert steps[4:] == [str(number) for number in range(100 - TRAIL_LIMIT + 4, 100)]


def test_a_step_adds_a_line_and_leaves_the_row_as_it_was() -> None:
    row = Row()

    assert row.step(NOON, "waiting", "busy") == (Step(NOON, "waiting", "busy"),)
    assert row.trail == ()


@pytest.mark.parametrize("detail", ["status_400", "\u00e9" * DETAIL_BYTES])
def test_a_step_that_comes_again_is_counted_and_keeps_its_first_time(detail: str) -> None:
    row = Row(trail=Row().step(NOON, "begun"))
    for number in range(100):
        at = NOON + timedelta(minutes=number)
        row = Row(trail=row.step_again(at, "failed", detail))

    begun, failed = row.trail
    assert (begun.what, failed.what, failed.at) == ("begun", "failed", NOON)
    assert failed.detail.startswith(detail[:10])
    assert failed.detail.endswith(", 100 times, the last at 2026-06-01 13:39:00 UTC")
    assert len(failed.detail.encode()) <= DETAIL_BYTES


def test_a_row_without_a_kind_has_no_place() -> None:
    with pytest.raises(AttributeError, match="key"):
        _ = Row().key


def test_keys_of_different_kinds_never_meet() -> None:
    rows = (factories.any_issuance(), factories.any_resolution(), factories.any_rejection())

    assert [row.key.split("#")[0] for row in rows] == ["ISSUANCE", "RESOLUTION", "REJECTION"]


def test_of_the_keys_in_a_message_only_those_of_the_kinds_that_are_worked_on_count() -> None:
    assert own_keys(["WATCH#1", "ENDPOINT#1", "WATCHER#1"], watch_key) == ["WATCH#1"]
