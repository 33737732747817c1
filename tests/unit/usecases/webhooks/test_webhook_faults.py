"""A silent service or an unexpected error costs time, but no delivery."""

from collections.abc import Mapping

import pytest

from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.events.base import PublishedEvent
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from couponbus.usecases.webhooks.scoped_body import body_of
from tests import factories
from tests.fakes.webhooks import answered
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of

SHOP = url_of("shop")
SILENT = 3  # attempts at one write


def a_world(*names: str) -> tuple[WebhookWorld, PublishedEvent]:
    """Return a world with a published event and nothing sent yet."""
    world = WebhookWorld()
    world.has(*map(world.make, names or ("shop",)))
    event = factories.any_event()
    world.fan_out(event)
    return world, event


def a_retry() -> tuple[WebhookWorld, PublishedEvent]:
    """Return a world whose first attempt failed, and whose second one the sweeper has enqueued."""
    world, event = a_world()
    world.webhooks.will(SHOP, answered(500))
    world.deliver()
    world.clock.pass_time(60)
    world.sweep()
    return world, event


def ends_well(world: WebhookWorld, event: PublishedEvent) -> bool:
    """Let time pass, and return whether the delivery succeeded."""
    world.pass_hours(1, step=100)
    return world.delivery(event).state is DeliveryState.DELIVERED


@pytest.mark.parametrize("answered_reads", [0, 1])
def test_when_the_ledger_cannot_be_read_nothing_is_sent_and_all_comes_again(
    answered_reads: int,
) -> None:
    world, event = a_world()
    world.ledger.will_fail("read", after=answered_reads)

    report = world.deliver()

    assert report.failed == ["d-0"]
    assert (report.bugs, world.arrived()) == ([], [])
    assert ends_well(world, event)
    assert len(world.arrived()) == 1


def test_a_first_attempt_costs_no_write_before_it() -> None:
    world, event = a_world()
    made = world.ledger.writes

    world.deliver()

    assert (world.delivery(event).state, world.ledger.writes - made) == (DeliveryState.DELIVERED, 1)


def test_what_cannot_be_claimed_is_not_sent() -> None:
    world, event = a_retry()
    world.ledger.will_fail("write", times=SILENT)

    report = world.redeliver()

    assert (report.failed, len(world.arrived())) == (["d-0"], 1)
    assert ends_well(world, event)
    assert len(world.arrived()) == 2


def test_a_claim_whose_answer_is_lost_is_a_claim() -> None:
    world, event = a_retry()
    world.ledger.will_lose_the_answer(times=2)

    report = world.redeliver()

    assert report.failed == []
    assert world.delivery(event).state is DeliveryState.DELIVERED
    assert len(world.arrived()) == 2


def test_a_claim_of_what_was_handed_over_leaves_it_due_when_it_was() -> None:
    world, event = a_retry()
    due_at = world.delivery(event).due_at
    claimed = []
    world.webhooks.after_arrival = lambda: claimed.append(world.delivery(event))

    world.redeliver()

    assert [(one.attempt, one.due_at) for one in claimed] == [(2, due_at)]


def test_an_unconfirmed_claim_lapses_with_the_invocation() -> None:
    world, event = a_retry()
    world.ledger.will_lose_the_answer(times=SILENT)

    report = world.redeliver()

    assert (report.failed, len(world.arrived())) == (["d-0"], 1)
    assert world.delivery(event).is_claimed(world.clock.now())
    assert ends_well(world, event)
    assert (len(world.arrived()), world.delivery(event).attempt) == (2, 3)


def test_a_success_that_cannot_be_recorded_is_sent_once_more_under_the_same_id() -> None:
    world, event = a_world()
    world.ledger.will_fail("write", times=SILENT)

    report = world.deliver()

    assert report.failed == ["d-0"]
    assert world.delivery(event).state is DeliveryState.PENDING
    assert ends_well(world, event)
    first, second = world.arrived()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_what_else_can_be_recorded_is_recorded() -> None:
    world, _ = a_world()
    events = [factories.any_event() for _ in range(60)]
    world.fan_out(*events)
    world.ledger.will_fail("write", times=SILENT, after=1)

    report = world.deliver()

    assert len(set(report.failed)) == len(report.failed) == 7
    states = [one.state for one in world.all_deliveries]
    assert len(world.arrived()) == 61
    assert states.count(DeliveryState.DELIVERED) >= 30
    assert states.count(DeliveryState.PENDING) >= 25


def test_what_could_not_be_learnt_of_an_endpoint_brings_messages_again_and_sends_nothing() -> None:
    world, event = a_world()
    world.webhooks.will(SHOP, answered(500))
    world.ledger.will_fail("write", times=SILENT)

    report = world.deliver()

    assert report.failed == ["d-0"]
    assert (world.delivery(event).attempt, len(world.arrived())) == (0, 1)
    assert world.endpoint().failing_since is None
    assert ends_well(world, event)
    assert len(world.arrived()) == 2


def test_what_could_not_be_put_off_is_tried_again() -> None:
    world, event = a_world()
    world.change(world.endpoint().paused(now=world.clock.now()))
    world.ledger.will_fail("write", times=SILENT)

    report = world.deliver()

    assert report.failed == ["d-0"]
    assert world.delivery(event).attempt == 0


def test_poison_is_put_aside_once_and_the_rest_is_sent() -> None:
    world, event = a_world()
    (command,) = world.deliveries.sent

    report = world.deliver_messages(
        Message(message_id="poison", body='{"type": "AttemptDeliveries"}'),
        Message(message_id="good", body=command.model_dump_json()),
    )

    assert report.failed == []
    assert report.metrics[Metric.QUARANTINED] == 1
    assert [letter.message_id for letter in world.quarantine.letters] == ["poison"]
    assert world.delivery(event).state is DeliveryState.DELIVERED


def test_poison_that_cannot_be_put_aside_comes_again_alone() -> None:
    world, event = a_world()
    world.quarantine.will_fail()
    (command,) = world.deliveries.sent

    report = world.deliver_messages(
        Message(message_id="poison", body="{"),
        Message(message_id="good", body=command.model_dump_json()),
    )

    assert report.failed == ["poison"]
    assert world.delivery(event).state is DeliveryState.DELIVERED


def test_a_message_on_which_the_code_raises_fails_alone_and_the_others_are_sent_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, event = a_world("one", "bad", "other")

    def failing(past: EventRecord, endpoint: Endpoint, *, rows: Mapping[str, Row]) -> bytes:
        if endpoint.endpoint_id == "bad":
            raise ZeroDivisionError
        return body_of(past, endpoint, rows=rows)

    monkeypatch.setattr("couponbus.usecases.webhooks.prepare.body_of", failing)
    report = world.deliver()

    assert report.failed == ["d-1"]
    assert set(report.bugs) == {"ZeroDivisionError"}
    assert [len(world.arrived(name)) for name in ("one", "bad", "other")] == [1, 0, 1]
    assert world.delivery(event, "bad").attempt == 0


def test_an_unexpected_error_still_quarantines_poison_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world, _ = a_world("one", "other")
    monkeypatch.setattr("couponbus.usecases.webhooks.prepare.body_of", None)
    bodies = ["{", *(command.model_dump_json() for command in world.deliveries.sent)]
    messages = [Message(message_id=str(n), body=body) for n, body in enumerate(bodies)]

    report = world.deliver_messages(*messages)

    assert report.failed == ["1", "2"]
    assert [letter.message_id for letter in world.quarantine.letters] == ["0"]


def test_a_delivery_that_cannot_be_read_stays_due_and_the_others_are_sent() -> None:
    world, event = a_world("one", "other")
    unread = world.delivery(event, "one")
    world.ledger.broken.add(unread.key)

    report = world.deliver()

    assert (report.failed, report.bugs) == ([], [])
    assert (len(world.arrived("one")), len(world.arrived("other"))) == (0, 1)
    assert world.ledger.rows[unread.key] == unread


def test_events_of_a_tenant_whose_endpoints_cannot_be_read_fail_and_others_are_sent() -> None:
    world = WebhookWorld()
    world.has(world.make(), world.make("theirs", tenant="brand"))
    mine, other = factories.any_event(), factories.any_event()
    theirs = other.model_copy(
        update={"metadata": other.metadata.model_copy(update={"tenant": "brand"})}
    )
    world.ledger.broken.add(world.endpoint("theirs").key)

    report = world.fan_out(theirs, mine)

    assert report.failed == [f"m-{theirs.metadata.id}"]
    assert [one.endpoint_id for one in world.all_deliveries] == ["shop"]
