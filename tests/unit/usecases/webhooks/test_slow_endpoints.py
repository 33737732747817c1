"""A slow endpoint is detected during the request, so that other invocations need not wait."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.retry_schedule import SLOW_SECONDS
from couponbus.usecases.messages import Message
from couponbus.usecases.webhooks import assembly as webhook_assembly
from couponbus.usecases.webhooks.send import (
    GROWTH,
    PARALLEL_PER_ENDPOINT,
    WATCHED,
    SlowEndpointDetector,
)
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.webhooks import answered, unanswered
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of
from tests.webhook_factories import any_endpoint

PATIENCE = 10.0  # seconds of real time, for a test that hangs
LATER = timedelta(seconds=1)


class DetectorHarness(ManualClock):
    """A detector over one strand; `plan` has the other actions by their second."""

    def __init__(self) -> None:
        super().__init__()
        self.noticed: list[str] = []
        self.plan: list[tuple[float, Callable[[], object]]] = []
        self.slow_endpoints = SlowEndpointDetector(clock=self, on_slow=self.noticed.extend)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        passed = (self.now() - NOON).total_seconds()
        due = [what for at, what in self.plan if at <= passed]
        self.plan = [(at, what) for at, what in self.plan if at > passed]
        for what in due:
            what()

    def begin(self, number: int, endpoint: Endpoint) -> None:
        self.slow_endpoints.begin(f"D{number}", endpoint)

    def end(self, number: int) -> None:
        self.slow_endpoints.end(f"D{number}")

    def watch(self, *, ends_after: float) -> float:
        """Return the seconds that the detector watches a strand that ends after `ends_after`."""
        asked = self.slow_endpoints.over([lambda: None])
        worker = next(asked)
        self.plan.append((ends_after, worker))
        assert list(asked) == []
        return (self.now() - NOON).total_seconds()


def test_who_has_not_answered_after_three_seconds_is_noticed_once() -> None:
    harness, endpoint = DetectorHarness(), any_endpoint()
    harness.begin(1, endpoint)
    harness.begin(2, endpoint)

    lasted = harness.watch(ends_after=15.0)

    assert harness.noticed == [endpoint.endpoint_id]
    assert lasted < WATCHED.total_seconds() + 1


def test_a_strand_that_goes_on_to_a_silent_one_is_noticed_too() -> None:
    harness, endpoint = DetectorHarness(), any_endpoint()
    harness.begin(1, endpoint)
    harness.plan = [(0.5, lambda: harness.end(1)), (0.5, lambda: harness.begin(2, endpoint))]

    harness.watch(ends_after=15.5)

    assert harness.noticed == [endpoint.endpoint_id]


def test_who_answers_in_time_is_not_noticed_and_the_watch_ends_with_the_answers() -> None:
    harness, answers = DetectorHarness(), SLOW_SECONDS - 0.3
    harness.begin(1, any_endpoint())
    harness.plan = [(answers, lambda: harness.end(1))]

    lasted = harness.watch(ends_after=answers)

    assert harness.noticed == []
    assert lasted < answers * GROWTH


def test_who_is_known_to_be_slow_is_nothing_new() -> None:
    harness = DetectorHarness()
    harness.begin(1, any_endpoint().answered_in(SLOW_SECONDS, now=NOON - LATER))

    harness.watch(ends_after=15.0)

    assert harness.noticed == []


def test_where_nothing_is_to_be_done_nothing_is_waited_for() -> None:
    harness = DetectorHarness()

    assert list(harness.slow_endpoints.over([])) == []
    assert harness.slept == []


class OneOnAThread:
    """Runs its first job on a thread, takes the remaining jobs meanwhile, and runs them then."""

    def __init__(self) -> None:
        self.arrived, self.answer = threading.Event(), threading.Event()

    def hang(self) -> None:
        """Block the receiver until the test lets it answer."""
        self.arrived.set()
        assert self.answer.wait(PATIENCE)

    def run[R](self, jobs: Iterable[Callable[[], R]]) -> Iterator[R]:
        asked, results = iter(jobs), list[R]()
        first = next(asked)
        thread = threading.Thread(target=lambda: results.append(first()))
        thread.start()
        assert self.arrived.wait(PATIENCE)
        remaining = list(asked)
        self.answer.set()
        thread.join(PATIENCE)
        yield from results
        yield from (job() for job in remaining)


def hung(world: WebhookWorld) -> list[str]:
    """Run one invocation against a hanging endpoint; returns the messages to redeliver."""
    executor = OneOnAThread()
    world.webhooks.after_arrival = executor.hang
    job = webhook_assembly.deliver_webhooks(
        world.base,
        webhooks=world.webhooks,
        signing_keys=world.signing_keys,
        pace=world.pace,
        quarantine=world.quarantine,
        executor=executor,
    )
    (command,) = world.deliveries.sent
    message = Message(message_id="m-1", body=command.model_dump_json())
    return list(job.handle([message], deadline=world.in_seconds(60.0)).failed)


def test_an_event_that_comes_while_an_endpoint_hangs_is_left_to_the_sweeper() -> None:
    world = WebhookWorld()
    world.has(world.make())
    world.webhooks.will(url_of("shop"), unanswered())
    world.fan_out(factories.any_event())

    failed = hung(world)

    steps = [(step.what, step.at - NOON < timedelta(seconds=5)) for step in world.endpoint().trail]
    assert failed == []
    assert steps == [("slow", True), ("failing", False)]


def test_an_endpoint_that_was_paused_when_it_turns_out_to_be_slow_is_sent_no_more() -> None:
    world = WebhookWorld()
    world.has(world.make())
    world.fan_out(*(factories.any_event() for _ in range(2 * PARALLEL_PER_ENDPOINT)))

    def pause() -> None:
        world.change(world.endpoint().paused(now=world.clock.now()))

    world.ledger.will_be_overtaken(pause, after=3, of="read")

    assert hung(world) == []
    assert world.endpoint().state is EndpointState.PAUSED
    assert len(world.arrived()) == 1


def test_a_ledger_that_is_silent_then_is_reported_at_the_end() -> None:
    world = WebhookWorld()
    world.has(world.make())
    world.webhooks.will(url_of("shop"), answered(204, seconds=SLOW_SECONDS * 2))
    world.fan_out(event := factories.any_event())
    world.ledger.will_fail("read", after=3)

    failed = hung(world)

    (step,) = world.endpoint().trail
    assert failed == []
    assert (step.what, step.at - NOON > WATCHED) == ("slow", True)
    assert world.delivery(event).state is DeliveryState.DELIVERED
