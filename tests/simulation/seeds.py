"""A run for a number: its scenario, its conditions and its faults are all drawn from it."""

from couponbus.domain.timing import Timing
from tests.simulation.conditions import drawn_conditions
from tests.simulation.faults import swarm
from tests.simulation.report import Report
from tests.simulation.run import IssuerOf, real_issuer, simulate
from tests.simulation.scenario import drawn
from tests.simulation.settings import TIMING


def run_seed(seed: int, *, timing: Timing = TIMING, issuer_of: IssuerOf = real_issuer) -> Report:
    """Run a seed under its own faults."""
    return simulate(
        drawn(seed),
        drawn_conditions(seed),
        seed=seed,
        faults=swarm(seed),
        timing=timing,
        issuer_of=issuer_of,
    )
