"""Many endpoints and long batches: each delivery is made once, in one invocation or several."""

from collections.abc import Sequence
from itertools import batched

import pytest

from couponbus.domain.row import Row
from couponbus.domain.webhooks.directory import ENDPOINTS_MAX
from couponbus.ports.shared import Conflict
from couponbus.usecases.causes import NO_TIME_LEFT
from couponbus.usecases.webhooks import fan_out_webhooks
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, notification

TOGETHER = 100  # rows of a call
WRITTEN = ENDPOINTS_MAX + 1  # rows: an event, and a delivery for each endpoint


class Killed(BaseException):
    """The end of a worker."""


class MortalLedger(UnreliableLedger):
    """Stores a hundred rows a call; the worker dies after `lives` calls."""

    def __init__(self, *, lives: int) -> None:
        super().__init__()
        self.lives = lives

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        found: list[Conflict] = []
        for chunk in batched(rows, TOGETHER, strict=False):
            if self.lives == 0:
                self.lives = -1
                raise Killed
            self.lives -= 1
            found += super().write(chunk)
        return found


class SlowLedger(UnreliableLedger):
    """Needs a second for each row."""

    clock: ManualClock

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        self.clock.pass_time(float(len(rows)))
        return super().write(rows)


@pytest.mark.parametrize("lives", range(-(-WRITTEN // TOGETHER)))
def test_an_event_at_the_limit_reaches_each_endpoint_once_even_if_a_worker_dies(
    lives: int,
) -> None:
    world = WebhookWorld(ledger=MortalLedger(lives=lives))
    endpoints = [world.make(f"shop-{number}") for number in range(ENDPOINTS_MAX)]
    world.has(*endpoints)
    event = factories.any_event()

    with pytest.raises(Killed):
        world.fan_out(event)
    again = world.fan_out(event)
    world.deliver()
    world.cycle()

    assert again.failed == []
    assert {len(world.arrived(one.endpoint_id)) for one in endpoints} == {1}


def test_what_a_batch_has_no_time_for_comes_again_and_nothing_is_made_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fan_out_webhooks, "PORTION", 10)
    world = WebhookWorld(ledger=(ledger := SlowLedger()))
    ledger.clock = world.clock
    world.has(*(world.make(f"shop-{number}") for number in range(5)))
    messages = [notification(factories.any_event()) for _ in range(20)]
    left, counts = messages, []

    while left:
        report = world.fan_out_messages(*left)
        assert set(report.causes.values()) <= {NO_TIME_LEFT}
        left = [one for one in left if one.message_id in report.failed]
        counts.append(len(left))

    assert counts == [12, 4, 0]
    assert len(world.all_deliveries) == ledger.writes - len(messages) == 5 * len(messages)
    assert len({one.key for one in world.all_deliveries}) == 5 * len(messages)


def test_a_batch_that_begins_late_does_something_all_the_same() -> None:
    world = WebhookWorld()
    world.has(world.make())

    report = world.fan_out_webhooks.handle(
        [notification(factories.any_event())], deadline=world.in_seconds(1)
    )

    assert report.failed == []
    assert len(world.all_deliveries) == 1
