"""Watches are listed without the customers' names, and ended or polled by commands."""

import json
from dataclasses import replace

import pytest

from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from couponbus.events.commands import ContinueWork, EndWatches
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.rows import an_issuance
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.watches import (
    DAY,
    PROMOTION,
    USER,
    a_pause,
    a_redemption,
    a_starting_watch,
    an_active_watch,
)

ACTIVE = an_active_watch()
CONSUMER = a_starting_watch(provider=Provider.KOUPON, signup_id="signup-2")
SIBLING = an_active_watch("another-user")
OVER = an_active_watch("a-third-user", signup_id="signup-3").ended(
    reason=EndReason.EXPIRED, now=NOON, publish_by=NOON
)


def a_stage(*rows: Row) -> FakeStage:
    return FakeStage(MemoryLedger(*(rows or (ACTIVE, CONSUMER, SIBLING, OVER))))


def listed(stage: FakeStage, *arguments: str) -> list[dict[str, object]]:
    code, data = stage.run_json("watch", "list", *arguments)
    assert code == 0
    found = data["watches"]
    assert isinstance(found, list)
    return found


def test_watches_are_listed_with_their_next_poll_and_without_names() -> None:
    stage = a_stage()

    outcome = stage.run("watch", "list")
    rows = {str(each["watch_id"]): each for each in listed(stage)}

    assert outcome.code == 0
    assert all(watch_id in outcome.out for watch_id in rows)
    assert USER not in outcome.out + json.dumps(rows)
    assert {row.watch_id for row in (ACTIVE, CONSUMER, SIBLING, OVER)} == set(rows)
    first = rows[ACTIVE.watch_id]
    assert (first["state"], first["promotion"]) == ("ACTIVE", PROMOTION)
    assert first["since"] == "2026-06-01T11:00:00+00:00"
    assert str(first["next_poll_at"]) > NOON.isoformat()
    assert rows[CONSUMER.watch_id]["next_poll_at"] == "2026-06-01T12:01:00+00:00"
    assert rows[OVER.watch_id]["next_poll_at"] is None
    assert rows[OVER.watch_id]["reason"] == "expired"


def test_a_watch_is_listed_with_its_filter() -> None:
    filtered = replace(CONSUMER, list_filter=ListFilter(channel="web", storeid=("12", "34")))
    stage = a_stage(filtered, ACTIVE)

    rows = {str(each["watch_id"]): each["filter"] for each in listed(stage)}

    assert rows == {filtered.watch_id: ["channel=web", "storeid=12,34"], ACTIVE.watch_id: None}
    assert "channel=web" in "".join(stage.run("watch", "list").out.split())


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (("--state", "ACTIVE"), 2),
        (("--state", "STARTING"), 1),
        (("--provider", "koupon"), 1),
        (("--provider", "uniqodo", "--state", "ENDED"), 1),
        (("--account", "main"), 4),
        (("--account", "other"), 0),
        (("--limit", "2"), 2),
    ],
)
def test_a_list_is_narrowed(arguments: tuple[str, ...], count: int) -> None:
    assert len(listed(a_stage(), *arguments)) == count


def test_a_list_says_when_it_is_cut_or_empty() -> None:
    assert "Only 2 are shown" in a_stage().run("watch", "list", "--limit", "2").out
    assert "There are no such watches." in a_stage(an_issuance()).run("watch", "list").out


def test_a_paused_or_overdue_watch_has_its_next_poll_shown_as_it_is() -> None:
    paused = a_pause().of_all(reason="unauthorised", now=NOON)
    overdue = replace(CONSUMER, due_at=NOON - DAY)

    rows = listed(a_stage(ACTIVE, paused, overdue))

    assert [each["next_poll_at"] for each in rows] == [None, NOON.isoformat()]


def test_watches_are_ended_by_their_id_or_their_sign_up() -> None:
    stage = a_stage()

    outcome = stage.run("watch", "cancel", CONSUMER.watch_id, "signup-1", SIBLING.key)

    [command] = stage.polls.sent
    assert isinstance(command, EndWatches)
    assert command.reason == "cancelled"
    assert set(command.keys) == {CONSUMER.key, ACTIVE.key, SIBLING.key}
    assert (outcome.code, outcome.out) == (0, "3 watches are ended within a minute.\n")


def test_what_has_ended_is_not_ended_again() -> None:
    stage = a_stage()

    outcome = stage.run("watch", "cancel", "signup-3")

    assert outcome.out == "0 watches are ended within a minute. 1 has ended already.\n"
    assert stage.polls.sent == []


def test_an_unknown_id_among_them_keeps_all_from_being_sent() -> None:
    stage = a_stage(ACTIVE, a_redemption(replace(ACTIVE, signup_id="only-redeemed")))

    outcome = stage.run("watch", "cancel", "signup-1", "only-redeemed", "B" * 26)

    assert outcome.code == 1
    assert f"there are no watches of only-redeemed, {'B' * 26}" in outcome.err
    assert stage.polls.sent == []


def test_another_tenant_has_other_sign_ups() -> None:
    assert a_stage().run("watch", "cancel", "signup-1", "--tenant", "brand").code == 1


@pytest.mark.parametrize(("typed", "code", "sent"), [("y\n", 0, 1), ("n\n", 1, 0), ("", 1, 0)])
def test_erasing_is_for_good_so_it_asks(typed: str, code: int, sent: int) -> None:
    stage = a_stage()

    outcome = stage.run("watch", "cancel", "signup-3", "--erase", typed=typed)

    assert (outcome.code, len(stage.polls.sent)) == (code, sent)
    assert (
        "delete for good the customers' names of 1 watch? These customers are never" in outcome.err
    )


def test_erasing_without_asking_takes_the_ended_too_but_no_watch_twice() -> None:
    forgotten = SIBLING.erased(now=NOON, publish_by=NOON)
    stage = a_stage(ACTIVE, OVER, forgotten)

    code, data = stage.run_json("watch", "cancel", "signup-1", "signup-3", "--erase", "--yes")
    again = stage.run("watch", "cancel", SIBLING.watch_id, "--erase")

    [command] = stage.polls.sent
    assert isinstance(command, EndWatches)
    assert (code, command.reason) == (0, "erased")
    assert set(command.keys) == {ACTIVE.key, OVER.key}
    assert data == {"watches": 2, "ended_already": 0}
    assert again.out == "0 watches are erased within a minute.\n"


def test_a_poll_now_is_asked_for_by_a_command() -> None:
    stage = a_stage()

    outcome = stage.run("watch", "poll", "signup-1", OVER.watch_id)

    [command] = stage.polls.sent
    assert isinstance(command, ContinueWork)
    assert set(command.keys) == {ACTIVE.key, SIBLING.key}
    assert outcome.out == "2 watches are polled within a minute. 1 has ended already.\n"


def test_many_watches_go_in_commands_of_bounded_size() -> None:
    rows = [an_active_watch(f"user-{number}") for number in range(120)]
    stage = a_stage(*rows)

    code, data = stage.run_json("watch", "poll", "signup-1")

    commands = [each for each in stage.polls.sent if isinstance(each, ContinueWork)]
    assert (code, data["watches"]) == (0, 120)
    assert [len(each.keys) for each in commands] == [50, 50, 20]


def test_a_queue_that_does_not_answer_ends_with_3() -> None:
    stage = a_stage()
    stage.polls.will_fail()

    outcome = stage.run("watch", "poll", "signup-1")

    assert outcome.code == 3
    assert outcome.err == "AWS does not answer (ReadTimeoutError)\n"


def test_a_cohort_that_cannot_be_read_is_named_beside_the_list() -> None:
    stage = a_stage()
    stage.unreadable = frozenset({"A#of-next#1"})

    outcome = stage.run("watch", "list")

    assert outcome.code == 0
    assert ACTIVE.watch_id in outcome.out
    assert "A#of-next#1" in outcome.err
