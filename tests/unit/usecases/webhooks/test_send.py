"""Silent endpoints cost little, no attempt begins too late to end, and slots are waited for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.events.commands import AttemptDeliveries
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from couponbus.usecases.webhooks.send import (
    NEEDED,
    PARALLEL_PER_ENDPOINT,
    PreparedDelivery,
    SendWebhooks,
)
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.executor import InlineExecutor
from tests.fakes.signing_keys import key_not_real
from tests.fakes.webhooks import MemoryWebhooks, answered, unanswered
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of
from tests.webhook_factories import any_endpoint, any_event_record, delivery_of

IN_TIME = NOON + timedelta(hours=1)


def no_slow_endpoint(endpoint_ids: Sequence[str]) -> None:
    raise AssertionError(f"{endpoint_ids}: no endpoint is slow here")


def a_world(*names: str) -> WebhookWorld:
    world = WebhookWorld()
    world.has(*map(world.make, names))
    return world


def silent(world: WebhookWorld, name: str) -> None:
    world.webhooks.always(url_of(name), unanswered())


def test_after_a_silence_the_rest_for_that_endpoint_is_given_back_unsent_and_uncounted() -> None:
    world = a_world("dead", "well")
    silent(world, "dead")
    events = [factories.any_event() for _ in range(12)]

    report = world.fan_out_and_deliver(*events)

    rows = [world.delivery(event, "dead") for event in events]
    assert sorted(row.attempt for row in rows) == [0] * 11 + [1]
    assert all(row.claimed_until is None for row in rows)
    assert len(world.arrived("dead")) == 1
    assert len(world.arrived("well")) == 12
    assert report.metrics[Metric.UNSENT] == 11
    assert [row.parked for row in rows] == [True] * 12


def test_of_many_for_a_silent_endpoint_no_more_are_claimed_than_are_sent_at_once() -> None:
    world = a_world()
    world.has(world.make("dead").failed(now=NOON - timedelta(days=4), publish_by=NOON))
    silent(world, "dead")
    events = [factories.any_event() for _ in range(3 * PARALLEL_PER_ENDPOINT)]
    world.fan_out(*events)
    keys = [world.delivery(event, "dead").key for event in events]
    asked = [
        AttemptDeliveries(attempt="again", endpoint_id="dead", keys=tuple(some)).model_dump_json()
        for some in (keys[:PARALLEL_PER_ENDPOINT], keys[PARALLEL_PER_ENDPOINT:])
    ]
    before = world.ledger.writes

    world.deliver_messages(*(Message(message_id=body[-9:], body=body) for body in asked))

    assert len(world.arrived("dead")) == 1
    assert world.ledger.writes - before <= 2 * PARALLEL_PER_ENDPOINT + 2


def test_an_endpoint_that_answers_with_errors_is_not_silent() -> None:
    world = a_world("ill")
    world.webhooks.always(url_of("ill"), answered(500))

    report = world.fan_out_and_deliver(*(factories.any_event() for _ in range(12)))

    assert len(world.arrived("ill")) == 12
    assert report.metrics[Metric.UNSENT] == 0


@pytest.mark.parametrize("within", [19.0, 10.0, 0.0, -5.0])
def test_an_invocation_that_is_about_to_end_begins_nothing(within: float) -> None:
    world = a_world("shop")
    event = factories.any_event()
    world.fan_out(event)
    before = world.delivery(event)

    report = world.deliver(within=within)

    assert (report.failed, report.metrics, world.arrived()) == ([], {}, [])
    assert world.delivery(event) == before


def test_what_there_is_no_time_for_any_more_is_given_back() -> None:
    world = a_world("slow")
    world.webhooks.always(url_of("slow"), answered(204, seconds=14.0))
    events = [factories.any_event() for _ in range(12)]

    world.fan_out(*events)
    report = world.deliver(within=60.0)

    assert report.metrics[Metric.DELIVERED] == 3
    assert report.metrics[Metric.UNSENT] == 9
    assert world.clock.now() <= NOON + timedelta(seconds=60)
    world.pass_hours(2, step=300)
    assert len(world.arrived("slow")) == 12
    assert {row.attempt for row in world.all_deliveries} == {1}
    assert {row.state for row in world.all_deliveries} == {DeliveryState.DELIVERED}


class JobCountingExecutor(InlineExecutor):
    """Records the number of jobs in each run."""

    def __init__(self) -> None:
        self.jobs: list[int] = []

    def run[R](self, jobs: Iterable[Callable[[], R]]) -> Iterator[R]:
        listed = list(jobs)
        self.jobs.append(len(listed))
        return super().run(listed)


def prepared(count: int) -> Iterator[PreparedDelivery]:
    endpoint = any_endpoint()
    for _ in range(count):
        event = any_event_record(event_at=NOON)
        yield PreparedDelivery(
            delivery=delivery_of(event, endpoint),
            endpoint=endpoint,
            body=event.body.encode(),
            keys=[key_not_real("shop")],
        )


@pytest.mark.parametrize(("count", "strands"), [(0, 0), (1, 1), (5, 5), (6, 5), (100, 5)])
def test_so_many_attempts_are_made_at_once_for_one_endpoint_at_most(
    count: int, strands: int
) -> None:
    clock, executor = ManualClock(), JobCountingExecutor()
    attempting = SendWebhooks(webhooks=MemoryWebhooks(clock=clock), executor=executor, clock=clock)

    outcomes = list(
        attempting.attempt(
            list(prepared(count)), deadline=IN_TIME, resting=set(), on_slow=no_slow_endpoint
        )
    )

    assert len(outcomes) == count
    assert executor.jobs == [strands]
    assert strands <= PARALLEL_PER_ENDPOINT


def test_each_endpoint_has_its_first_attempts_before_any_has_its_last() -> None:
    clock, executor = ManualClock(), InlineExecutor()
    webhooks = MemoryWebhooks(clock=clock)
    attempting = SendWebhooks(webhooks=webhooks, executor=executor, clock=clock)
    busy, quiet = list(prepared(50)), list(prepared(1))

    list(
        attempting.attempt(
            [*busy, *quiet], deadline=IN_TIME, resting=set(), on_slow=no_slow_endpoint
        )
    )

    urls = [one.url for one in webhooks.arrived]
    assert urls.index(quiet[0].endpoint.url) == len(busy) / PARALLEL_PER_ENDPOINT


class Oversleeping(ManualClock):
    """A clock whose every sleep lasts half a minute too long."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds + 30)


def slotted(one: PreparedDelivery, moment: datetime) -> PreparedDelivery:
    return PreparedDelivery(
        delivery=one.delivery,
        endpoint=one.endpoint,
        body=one.body,
        keys=one.keys,
        not_before=moment,
    )


def test_a_slot_is_waited_for_and_one_that_comes_too_late_is_not() -> None:
    clock = ManualClock()
    webhooks = MemoryWebhooks(clock=clock)
    attempting = SendWebhooks(webhooks=webhooks, executor=InlineExecutor(), clock=clock)
    deadline = NOON + timedelta(seconds=60)
    moments = [NOON - timedelta(minutes=1), NOON + timedelta(seconds=7), deadline - NEEDED / 2]
    planned = list(map(slotted, prepared(3), moments))

    outcomes = list(
        attempting.attempt(planned, deadline=deadline, resting=set(), on_slow=no_slow_endpoint)
    )

    assert [one.sent is not None for one in outcomes] == [True, True, False]
    assert webhooks.arrived[1].at == moments[1]
    assert clock.now() < NOON + timedelta(seconds=8)


def test_a_delivery_that_waited_too_long_for_a_slot_is_not_sent() -> None:
    clock = Oversleeping()
    webhooks = MemoryWebhooks(clock=clock)
    attempting = SendWebhooks(webhooks=webhooks, executor=InlineExecutor(), clock=clock)
    (one,) = prepared(1)

    (outcome,) = attempting.attempt(
        [slotted(one, NOON + timedelta(seconds=1))],
        deadline=NOON + timedelta(seconds=40),
        resting=set(),
        on_slow=no_slow_endpoint,
    )

    assert outcome.sent is None
    assert webhooks.arrived == []


def test_what_is_sent_is_not_shown() -> None:
    (one,) = prepared(1)

    assert "test-key-not-real" not in repr(one)
    assert one.body.decode() not in repr(one)
    assert one.endpoint.url not in repr(one)
