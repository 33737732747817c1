"""What polling costs (docs/performance.md#polling-schedule)."""

import json
from collections.abc import Mapping
from typing import cast

import pytest

from tests.benchmarks.alone import alone
from tests.thorough import amount
from tests.unit.usecases.polling.polling_world import PollingWorld

type Figures = Mapping[str, Mapping[str, float]]

CALLS = amount(400, few=250)
WATCHES, HOURS, TICK = 20, 12, 120.0


def figures(name: str) -> Figures:
    return cast("Figures", json.loads(alone("tests.benchmarks.polling.gates", name)[-1]))


@pytest.fixture(scope="module")
def found() -> Figures:
    """Run it once for all tests."""
    return figures("counts")


def test_fifty_workers_keep_to_the_limit_that_they_share(found: Figures) -> None:
    assert found["limited"]["busiest"] <= 110
    assert found["limited"]["calls"] == CALLS


def test_fifty_workers_never_call_more_often_than_a_day_allows(found: Figures) -> None:
    assert 0 < found["capped"]["calls"] <= 150


def test_a_poll_of_a_million_watches_costs_a_small_part_of_a_read_unit(found: Figures) -> None:
    assert found["reads"]["a_poll"] <= 0.04


def test_a_tick_for_a_million_watches_needs_few_commands(found: Figures) -> None:
    assert len(found["commands"]) == 6
    assert max(found["commands"].values()) <= 300


def test_a_poll_without_news_writes_nothing() -> None:
    world = PollingWorld()
    for number in range(WATCHES):
        world.begin(user=f"user-{number}")
        world.clock.pass_time(1200.0)
    world.cycle()
    written, counted = world.ledger.writes, dict(world.cohorts.counts)
    asked = len(world.redemptions.asked)
    ticks = int(HOURS * 3600 / TICK)

    for _ in range(ticks):
        world.cycle(seconds=TICK)

    assert len(world.redemptions.asked) - asked > 10 * WATCHES
    assert world.ledger.writes - written == 2 * ticks  # the schedule's own row: leased, done
    assert world.cohorts.counts == counted
