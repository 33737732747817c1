"""Issuing recovers soon after an outage, at little cost, and no customer gets two barcodes."""

import pytest

from tests.benchmarks.outage.figures import measured
from tests.benchmarks.outage.provider import TROUBLES
from tests.benchmarks.outage.run import MINUTE, Scenario

TAIL = 20 * MINUTE
UNITS = 12.0
NOTICED = 2 * MINUTE
BEHIND = MINUTE  # for customers who sign up afterwards


@pytest.mark.timeout(120)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_ten_minutes_of_trouble_are_soon_over(trouble: str) -> None:
    found = measured(
        Scenario(
            trouble=trouble,
            rate=1,
            well=3 * MINUTE,
            outage=10 * MINUTE,
            shortest_after=10 * MINUTE,
        )
    )

    assert (found.missed, found.doubled, found.errors) == (0, 0, 0)
    assert found.noticed <= NOTICED
    assert found.tail <= TAIL
    assert found.units <= UNITS
    assert found.fresh_longest <= found.usual_longest + BEHIND
