"""A run for a number: its scenario, its conditions and its faults are all drawn from it."""

from couponbus.domain.timing import Timing
from tests.simulation.crowd import conditions_of, scenario_of
from tests.simulation.faults import swarm
from tests.simulation.report import Report
from tests.simulation.run import IssuerOf, real_issuer, simulate
from tests.simulation.settings import TIMING
from tests.simulation.spells import Spells, drawn_spells


def run_seed(seed: int, *, timing: Timing = TIMING, issuer_of: IssuerOf = real_issuer) -> Report:
    """Run a seed under its own faults."""
    conditions = conditions_of(seed)
    spells = drawn_spells(seed, chaos=conditions.chaos)
    return simulate(
        scenario_of(seed),
        conditions,
        seed=seed,
        faults=Spells(spells, others=swarm(seed)),
        timing=timing,
        issuer_of=issuer_of,
    )
