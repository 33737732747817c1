"""Rows that a newer version has written, met by this one in the handler of every function.

A newer version was rolled back, or runs beside this one for a while. What it has written in a
form that this one does not know is left as it is, named, and stops nothing else.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from couponbus.aws.row_codec import encode
from couponbus.domain.issuance import Issuance, IssuanceState
from couponbus.domain.program import Program
from couponbus.domain.recorded_redemption import Told
from couponbus.events.commands import ContinueWork
from couponbus.runtime.queue_batches import ItemFailure, SqsEvent
from couponbus.usecases import assembly
from couponbus.usecases.audit_barcodes import AuditBarcodes
from couponbus.usecases.intake import Message
from functions.audit_barcodes.handler import handler as audit_barcodes
from functions.deliver_webhooks.handler import handler as deliver_webhooks
from functions.fan_out_webhooks.handler import handler as fan_out_webhooks
from functions.issue_barcodes.handler import handler as issue_barcodes
from functions.poll_redemptions.handler import handler as poll_redemptions
from functions.sweep_due.handler import handler as sweep_due
from tests import factories
from tests.fakes.queues import MemoryCommands
from tests.functions.invocation import FakeContext, Output
from tests.integration.aws.cloud import a_cloud
from tests.integration.aws.table_ledger import TableLedger
from tests.unit.usecases.polling_world import UNIQODO, PollingWorld, new_watch, sight, use
from tests.unit.usecases.webhook_world import WebhookWorld, notification
from tests.unit.usecases.world import BRAND, PROGRAM, World, message

WATCHED = replace(PROGRAM, watches=(UNIQODO,))
HOUR = 3600.0


@pytest.fixture
def ledger() -> Iterator[TableLedger]:
    with a_cloud() as cloud:
        yield TableLedger(cloud)


class Desk(World):
    """At the real time of day, because handlers ask the real clock."""

    def __init__(self, ledger: TableLedger, *programs: Program) -> None:
        super().__init__(*(programs or (PROGRAM,)), ledger=ledger)
        self.clock.pass_time((datetime.now(UTC) - self.clock.now()).total_seconds())

    def invoke(self, *messages: Message) -> list[str]:
        """Let the handler see these, and return the messages that must come again."""
        return failed(issue_barcodes(event_of(*messages), FakeContext(), service=self._assembled()))


def event_of(*messages: Message) -> SqsEvent:
    return {"Records": [{"messageId": one.message_id, "body": one.body} for one in messages]}


def failed(answer: dict[str, list[ItemFailure]]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def named(output: Output) -> set[str]:
    """Return the keys that the log says are broken."""
    lines = [line for line in output.read().logs if line["message"] == "rows broken"]
    found: set[str] = set()
    for line in lines:
        keys = line["keys"]
        assert isinstance(keys, list)
        found |= set(keys)
    return found


def owed(*messages: Message) -> list[Issuance]:
    """Return what sign-ups come to, by the order of their customers."""
    elsewhere = World()
    elsewhere.handle(*messages, within=30)
    return sorted(elsewhere.issuances, key=lambda one: one.customer_id)


def test_one_issuance_of_next_costs_the_others_of_its_batch_nothing(
    ledger: TableLedger, output: Output
) -> None:
    sign_ups = [message(n, signup_id=f"s-{n}") for n in range(1, 31)]
    strange = owed(sign_ups[16])[0]
    ledger.by_next(replace(strange, revision=4))
    desk = Desk(ledger)

    again = [desk.invoke(*sign_ups)]
    asked = named(output)
    again += [desk.invoke(*sign_ups) for _ in range(3)]

    assert again == [["m-s-17"]] * 4
    assert asked == {strange.key}
    assert Counter(desk.states) == {IssuanceState.ISSUED: 29}
    assert [len(post.requests) for post in desk.barcodes.posts] == [29]
    assert Counter(one.attempt for one in desk.issuances) == {1: 29}
    assert ledger.item(strange.key)["state"] == {"S": "SUSPENDED"}


def test_one_watch_of_next_holds_back_its_own_barcode_only(
    ledger: TableLedger, output: Output
) -> None:
    desk = Desk(ledger, WATCHED)
    strange = new_watch(user="user-7", now=desk.clock.now())
    ledger.by_next(replace(strange, revision=2))
    sign_ups = [message(n, signup_id=f"s-{n}", uniqodo_user_id=f"user-{n}") for n in range(1, 31)]

    assert desk.invoke(*sign_ups) == []

    assert named(output) == {strange.key}
    assert Counter(desk.states) == {IssuanceState.ISSUED: 29, IssuanceState.REQUESTED: 1}
    desk.publish()
    assert len(desk.told) == 29
    for _ in range(5):
        desk.cycle(seconds=400)
    assert Counter(desk.states) == {IssuanceState.ISSUED: 29, IssuanceState.REQUESTED: 1}
    ledger.by_this(strange.key, state="STARTING")
    for _ in range(5):
        desk.cycle(seconds=400)
    assert Counter(desk.states) == {IssuanceState.ISSUED: 30}
    assert len(desk.barcodes.posts) == 1


def test_fields_that_next_has_added_are_no_trouble(ledger: TableLedger, output: Output) -> None:
    desk = Desk(ledger)
    (row,) = owed(message())
    waiting = replace(row, state=IssuanceState.PENDING, barcode=None, attempt=0, outcomes=0)
    ledger.put({**encode(replace(waiting, revision=1)), "added_later": {"M": {"x": {"N": "1"}}}})

    assert desk.invoke(message(signup_id="again")) == []

    assert named(output) == set()
    assert desk.states == [IssuanceState.ISSUED]


def test_the_sweeper_hands_over_the_others_and_names_what_it_cannot_read(
    ledger: TableLedger, output: Output
) -> None:
    desk = Desk(ledger)
    now = desk.clock.now()
    rows = [
        replace(factories.any_issuance(), account=BRAND, due_at=now - timedelta(minutes=5)).written(
            "before"
        )
        for _ in range(4)
    ]
    strange, unknown, *others = rows
    for row in others:
        ledger.rows[row.key] = row
    ledger.by_next(strange)
    ledger.put({**encode(unknown), "pk": {"S": "VOUCHER#1"}})
    sweeper = assembly.sweep_due(
        desk.base,
        bus=desk.bus,
        commands=desk.commands,
        polls=desk.polls,
        redeliveries=MemoryCommands(),
        budget=desk.budget,
        accounts=desk.accounts,
    )

    counts = sweep_due({}, FakeContext(), service=sweeper)

    assert (counts["HandedOver"], counts["BrokenRows"], counts["Failed"]) == (2, 2, 2)
    assert named(output) == {strange.key, "VOUCHER#1"}


def test_the_audit_goes_on_past_an_issuance_of_next(ledger: TableLedger, output: Output) -> None:
    desk = Desk(ledger)
    desk.invoke(*(message(n, signup_id=f"s-{n}") for n in range(1, 6)))
    strange = desk.issuances[0]
    ledger.by_next(strange)
    output.read()

    counts = audit_barcodes({}, FakeContext(), service=_auditor(desk))

    assert counts["UnreadableFound"] == 1
    (alarm,) = (line for line in output.read().logs if line["level"] == "ERROR")
    assert alarm["unreadable"] == [strange.key]


def _auditor(desk: Desk) -> AuditBarcodes:
    return assembly.audit_barcodes(
        desk.base, barcodes=desk.barcodes, budget=desk.budget, accounts=desk.accounts
    )


def polling(ledger: TableLedger) -> PollingWorld:
    """Return a world half an hour ago: the handler asks the real clock when its time is up."""
    world = PollingWorld(ledger=ledger)
    world.clock.pass_time((datetime.now(UTC) - world.clock.now()).total_seconds() - HOUR / 2)
    return world


def polled(world: PollingWorld) -> list[str]:
    """Let the handler see what waits in the queue of polls."""
    world.clock.pass_time((datetime.now(UTC) - world.clock.now()).total_seconds())
    sent, world.polls.sent = world.polls.sent, []
    messages = [
        Message(message_id=f"m-{number}", body=command.model_dump_json())
        for number, command in enumerate(sent)
    ]
    context = FakeContext(milliseconds=300_000)
    return failed(poll_redemptions(event_of(*messages), context, service=world.poller))


def test_a_watch_of_next_keeps_nobody_else_from_being_recorded(
    ledger: TableLedger, output: Output
) -> None:
    world = polling(ledger)
    users = ["user-1", "user-2", "user-3"]
    watches = [world.begin(user=user) for user in users]
    ledger.by_next(watches[0])
    for number, user in enumerate(users):
        world.show(sight(use(number)), user=user)

    world.polls.sent = [ContinueWork(keys=tuple(one.key for one in watches))]
    again = polled(world)

    assert again == []
    assert named(output) == {watches[0].key}
    assert {row.watch_id for row in world.recorded} == {one.watch_id for one in watches[1:]}
    ledger.by_this(watches[0].key, state="ACTIVE")
    world.cycle(seconds=600)
    assert len(world.recorded) == 3


def test_a_redemption_of_next_holds_back_its_own_watch_only(
    ledger: TableLedger, output: Output
) -> None:
    world = polling(ledger)
    for number, user in enumerate(["user-1", "user-2"]):
        world.begin(user=user)
        world.show(sight(use(number)), user=user)
    world.cycle(seconds=600)
    before = {row.watch_id: row for row in world.recorded}
    strange = before[world.watch("user-1").watch_id]
    item = ledger.item(strange.key)
    ledger.put({**item, "redeemed_at": {"L": []}, "state": {"S": "SUSPENDED"}})
    output.read()
    for number, user in enumerate(["user-1", "user-2"]):
        world.show(sight(use(number, value="7.00")), user=user)

    world.clock.pass_time(600)
    world.tick()
    again = polled(world)

    assert again == []
    assert named(output) == {strange.key}
    assert [row.watch_id for row in world.recorded] == [world.watch("user-2").watch_id]
    ledger.put(item)
    for _ in range(3):
        world.cycle(seconds=600)
    assert [row.told for row in world.recorded] == [Told.UPDATED, Told.UPDATED]


def test_a_pause_of_next_is_kept_to_and_other_accounts_go_on(
    ledger: TableLedger, output: Output
) -> None:
    world = polling(ledger)
    world.begin()
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

    world.clock.pass_time(3600)
    report = world.tick()

    assert report.broken == {"PAUSE#uniqodo#main"}
    assert not report.skipped
    polled(world)
    assert len(world.redemptions.asked) == asked


def webhooks(ledger: TableLedger, *names: str) -> WebhookWorld:
    world = WebhookWorld(ledger=ledger)
    world.clock.pass_time((datetime.now(UTC) - world.clock.now()).total_seconds())
    world.has(*map(world.make, names))
    return world


def fanned_out(world: WebhookWorld, *messages: Message) -> list[str]:
    return failed(
        fan_out_webhooks(event_of(*messages), FakeContext(), service=world.fan_out_webhooks)
    )


def delivered(world: WebhookWorld) -> list[str]:
    sent, world.deliveries.sent = world.deliveries.sent, []
    messages = [
        Message(message_id=f"d-{number}", body=command.model_dump_json())
        for number, command in enumerate(sent)
    ]
    return failed(
        deliver_webhooks(event_of(*messages), FakeContext(), service=world.deliver_webhooks)
    )


def test_an_endpoint_of_next_leaves_the_others_their_webhooks(
    ledger: TableLedger, output: Output
) -> None:
    world = webhooks(ledger, "shop", "till")
    strange = world.endpoint("till")
    ledger.by_next(strange)
    event = factories.any_event()

    again = fanned_out(world, notification(event))

    assert again == [f"m-{event.metadata.id}"]
    assert named(output) == {strange.key}
    assert delivered(world) == []
    assert len(world.arrived("shop")) == 1
    ledger.by_this(strange.key, state="ACTIVE")
    assert fanned_out(world, notification(event)) == []
    assert delivered(world) == []
    assert (len(world.arrived("shop")), len(world.arrived("till"))) == (1, 1)


@pytest.mark.parametrize("what", ["endpoint", "event", "delivery"])
def test_what_next_has_written_of_a_delivery_holds_back_that_one_only(
    what: str, ledger: TableLedger, output: Output
) -> None:
    world = webhooks(ledger, "shop", "till")
    first, second = factories.any_event(), factories.any_event()
    world.fan_out(first, second)
    strange = {
        "endpoint": world.endpoint("till").key,
        "event": f"EVENT#{first.metadata.id}",
        "delivery": world.delivery(first, "till").key,
    }[what]
    item = ledger.item(strange)
    ledger.put({**item, "state": {"S": "SUSPENDED"}, "trail": {"N": "1"}, "revision": {"S": "x"}})

    assert delivered(world) == []

    assert named(output) == {strange}
    assert len(world.arrived("shop")) == (1 if what == "event" else 2)
    assert len(world.arrived("till")) == (0 if what == "endpoint" else 1)
    ledger.put(item)
    for _ in range(10):
        world.cycle(seconds=120)
    assert (len(world.arrived("shop")), len(world.arrived("till"))) == (2, 2)
