"""Each tick counts what waits for an operator, also where that is nothing."""

from dataclasses import replace

import pytest

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.webhooks.endpoint import EndpointState
from couponbus.usecases.invocation import Metric
from couponbus.usecases.outbox.attention_levels import MOST
from tests import factories, webhook_factories
from tests.fakes.clock import NOON
from tests.unit.usecases.outbox.sweeping import sent, waiting
from tests.unit.usecases.world import World

LEVELS = {Metric.AMBIGUOUS_OPEN, Metric.ENDPOINTS_DISABLED, Metric.BRAKED}


def test_each_tick_counts_what_waits_for_an_operator() -> None:
    world = World()
    disabled = replace(webhook_factories.any_endpoint(), state=EndpointState.DISABLED)
    well = webhook_factories.any_endpoint()
    rows = [ambiguous(), ambiguous(), factories.any_issuance(), disabled, well]
    world.ledger.rows.update({row.key: row for row in rows})

    levels = world.sweep().levels

    assert levels == {Metric.AMBIGUOUS_OPEN: 2, Metric.ENDPOINTS_DISABLED: 1, Metric.BRAKED: 0}


def test_where_nothing_waits_for_an_operator_the_levels_are_zero() -> None:
    assert set(World().sweep().levels.values()) == {0}


@pytest.mark.parametrize(
    ("silent", "missing"), [(0, Metric.AMBIGUOUS_OPEN), (1, Metric.ENDPOINTS_DISABLED)]
)
def test_what_cannot_be_counted_is_missing_and_ends_no_tick(silent: int, missing: Metric) -> None:
    world = World()
    (row,) = waiting(world)
    world.ledger.will_fail("attention", after=silent)

    report = world.sweep()

    assert LEVELS - report.levels.keys() == {missing}
    assert (report.failed, sent(world)) == (1, [row.key])
    assert sum(report.causes.values()) == report.failed


def test_while_no_pace_can_be_read_no_account_counts_as_released_from_its_brake() -> None:
    world = World()
    world.limiter.failure = LedgerUnavailable("get_item: ReadTimeoutError")

    report = world.sweep()

    assert LEVELS - report.levels.keys() == {Metric.BRAKED}
    assert report.failed == 1


def test_a_brake_in_a_pace_that_is_broken_is_not_counted_as_released() -> None:
    world = World()
    world.limiter.failure = LedgerUnavailable("pace", broken=frozenset({"PACE#coniq#main"}))

    assert LEVELS - world.sweep().levels.keys() == {Metric.BRAKED}


def test_endpoints_whose_rows_cannot_be_read_are_not_counted_as_well() -> None:
    world = World()
    endpoint = replace(webhook_factories.any_endpoint(), state=EndpointState.DISABLED)
    world.ledger.rows[endpoint.key] = endpoint
    world.ledger.will_fail("read")

    report = world.sweep()

    assert LEVELS - report.levels.keys() == {Metric.ENDPOINTS_DISABLED}
    assert report.failed == 1


def test_even_a_crowd_that_waits_for_an_operator_is_counted_to_a_limit() -> None:
    world = World()
    rows = [ambiguous() for _ in range(MOST + 1)]
    world.ledger.rows.update({row.key: row for row in rows})

    assert world.sweep().levels[Metric.AMBIGUOUS_OPEN] == MOST


def ambiguous() -> Issuance:
    """Return one that was published: no worker has anything to do."""
    row = factories.any_requested().ambiguous(numbers=(), reason="any", now=NOON, publish_by=NOON)
    return row.announced(now=NOON)
