"""Watches, redemptions and pauses that a newer version has written stop only what needs them."""

import json
from datetime import UTC, datetime

import pytest

from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.polling.watch import Watch
from couponbus.events.commands import ContinueWork, PollSpans
from couponbus.usecases.messages import Message
from functions.poll_redemptions.handler import handler as poll_redemptions
from tests.functions.invocation import FakeContext, Output
from tests.functions.newer_rows import event_of, failed, named
from tests.integration.aws.ledger.table_ledger import TableLedger
from tests.unit.usecases.polling.polling_world import (
    KOUPON,
    USER,
    PollingWorld,
    new_watch,
    snapshot,
    use,
)

pytestmark = pytest.mark.slow

HOUR = 3600.0


def polling(ledger: TableLedger) -> PollingWorld:
    """Return a world half an hour ago: the handler reads its deadline from the real clock."""
    world = PollingWorld(ledger=ledger)
    world.clock.pass_time((datetime.now(UTC) - world.clock.now()).total_seconds() - HOUR / 2)
    return world


def begun_at_koupon(world: PollingWorld) -> Watch:
    """Return a watch at another provider with the same due polls, after its first poll."""
    watch = new_watch(user=USER, now=world.clock.now(), order=KOUPON)
    world.redemptions.shows[(watch.provider, watch.account, None, USER)] = snapshot()
    world.ledger.rows[watch.key] = watch.put_off(until=world.clock.now()).written("begin")
    world.sweep()
    world.deliver()
    assert world.redemptions.asked[-1][0] is watch.provider
    return watch


def cycles(world: PollingWorld) -> None:
    """Let enough time pass that each watch has a due poll, for every id."""
    for _ in range(3):
        world.cycle(seconds=600)


def polled(world: PollingWorld) -> list[str]:
    """Invoke the handler with all messages in the polls queue."""
    world.clock.pass_time((datetime.now(UTC) - world.clock.now()).total_seconds())
    sent, world.polls.sent = world.polls.sent, []
    messages = [
        Message(message_id=f"m-{number}", body=command.model_dump_json())
        for number, command in enumerate(sent)
    ]
    context = FakeContext(milliseconds=300_000)
    return failed(poll_redemptions(event_of(*messages), context, service=world.poller))


def test_a_watch_of_next_keeps_no_other_from_being_recorded(
    ledger: TableLedger, output: Output
) -> None:
    world = polling(ledger)
    users = ["user-1", "user-2", "user-3"]
    watches = [world.begin(user=user) for user in users]
    ledger.by_next(watches[0])
    for number, user in enumerate(users):
        world.show(snapshot(use(number)), user=user)

    world.polls.sent = [ContinueWork(keys=tuple(one.key for one in watches))]
    again = polled(world)

    assert again == []
    assert named(output) == {watches[0].key}
    assert {row.watch_id for row in world.recorded} == {one.watch_id for one in watches[1:]}
    ledger.by_this(watches[0].key, state="ACTIVE")
    cycles(world)
    assert len(world.recorded) == 3


def test_a_redemption_of_next_holds_back_its_own_watch_only(
    ledger: TableLedger, output: Output
) -> None:
    world = polling(ledger)
    for number, user in enumerate(["user-1", "user-2"]):
        world.begin(user=user)
        world.show(snapshot(use(number)), user=user)
    cycles(world)
    before = {row.watch_id: row for row in world.recorded}
    strange = before[world.watch("user-1").watch_id]
    item = ledger.item(strange.key)
    ledger.put({**item, "redeemed_at": {"L": []}, "state": {"S": "SUSPENDED"}})
    output.read()
    for number, user in enumerate(["user-1", "user-2"]):
        world.show(snapshot(use(number, value="7.00")), user=user)

    world.clock.pass_time(600)
    world.tick()
    again = polled(world)

    assert again == []
    assert named(output) == {strange.key}
    assert [row.watch_id for row in world.recorded] == [world.watch("user-2").watch_id]
    ledger.put(item)
    cycles(world)
    assert [row.last_event for row in world.recorded] == [LastEvent.UPDATED, LastEvent.UPDATED]


@pytest.mark.parametrize(
    "field",
    [
        {"list_filter": {"channel": "web", "field_of_next": "1"}},  # a list with another filter
        {"field_of_next": {"channel": "web"}},  # as a version without filters sees one
    ],
)
def test_spans_whose_filter_is_not_understood_are_not_polled_without_it(
    field: dict[str, object], output: Output
) -> None:
    world = PollingWorld()
    world.clock.pass_time((datetime.now(UTC) - world.clock.now()).total_seconds() - HOUR / 2)
    begun_at_koupon(world)
    world.clock.pass_time(HOUR / 2)
    world.tick()
    [command] = [one for one in world.polls.sent if isinstance(one, PollSpans)]
    asked = len(world.redemptions.asked)

    body = json.dumps({**json.loads(command.model_dump_json(exclude_none=True)), **field})
    message = Message(message_id="m-1", body=body)
    again = failed(
        poll_redemptions(event_of(message), FakeContext(milliseconds=300_000), service=world.poller)
    )

    assert again == []
    assert len(world.redemptions.asked) == asked
    assert [letter.reason for letter in world.quarantine.letters] == ["schema"]
    assert "channel" not in str(output.read())


def test_a_pause_of_next_is_kept_to_and_other_accounts_go_on(
    ledger: TableLedger, output: Output
) -> None:
    world = polling(ledger)
    world.begin()
    other = begun_at_koupon(world)
    ledger.put(
        {
            "pk": {"S": "PAUSE#uniqodo#main"},
            "sk": {"S": "ROW"},
            "revision": {"N": "1"},
            "write_id": {"S": "next"},
            "since": {"M": {}},
        }
    )
    asked = len(world.redemptions.asked)

    world.clock.pass_time(HOUR / 2)
    report = world.tick()

    assert report.broken == {"PAUSE#uniqodo#main"}
    assert not report.skipped
    polled(world)
    assert {one[0] for one in world.redemptions.asked[asked:]} == {other.provider}
