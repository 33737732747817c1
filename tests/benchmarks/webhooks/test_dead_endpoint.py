"""An endpoint that accepts nothing for a day delays no other work, at a bounded number of writes.

Counted, and timed by the latency of each call: nothing here depends on how busy the machine is.
"""

from dataclasses import replace

import pytest

from tests.benchmarks.webhooks.dead_endpoint import (
    A_DAY,
    DeadEndpointLoad,
    paused,
    run_dead_endpoint,
)
from tests.thorough import amount

TWO_TICKS = 120.0
IN_SMALL = replace(A_DAY, scale=500, hours=amount(24, few=8))
SIX_HOURS = replace(IN_SMALL, hours=6)  # after this the results of these two no longer change


@pytest.mark.thorough
@pytest.mark.parametrize(
    "load",
    [
        pytest.param(IN_SMALL, id="dead"),
        pytest.param(replace(SIX_HOURS, trouble=paused), id="paused"),
        pytest.param(replace(SIX_HOURS, a_second=5.0, scale=50), id="dead, with few events"),
    ],
)
def test_what_waits_for_an_endpoint_makes_no_issuance_wait_and_is_hardly_written(
    load: DeadEndpointLoad,
) -> None:
    found = run_dead_endpoint(load)

    assert found.deliveries == load.hours * 3600 * load.a_second / load.scale
    assert found.longest_wait <= TWO_TICKS
    assert found.writes_beside_attempts <= 4.0
    assert found.waking_rows <= load.hours * 60 * 3
