"""An endpoint that accepts nothing for a day delays no other work, at a bounded number of writes.

Counted, and timed by the latency of each call: nothing here depends on how busy the machine is.
"""

from dataclasses import replace

import pytest

from tests.benchmarks.webhooks.outlasting import A_DAY, Siege, outlast, paused

TWO_TICKS = 120.0
IN_SMALL = replace(A_DAY, scale=500)
SIX_HOURS = replace(IN_SMALL, hours=6)  # after this the results of these two no longer change


@pytest.mark.parametrize(
    "siege",
    [
        pytest.param(IN_SMALL, id="dead"),
        pytest.param(replace(SIX_HOURS, trouble=paused), id="paused"),
        pytest.param(replace(SIX_HOURS, a_second=5.0, scale=50), id="dead, with little to tell"),
    ],
)
def test_what_waits_for_an_endpoint_makes_no_issuance_wait_and_is_hardly_written(
    siege: Siege,
) -> None:
    found = outlast(siege)

    assert found.deliveries == siege.hours * 3600 * siege.a_second / siege.scale
    assert found.longest_wait <= TWO_TICKS
    assert found.writes_beside_attempts <= 4.0
    assert found.waking_rows <= siege.hours * 60 * 3
