"""A run for a number, from which its scenario, conditions and faults are drawn."""

from couponbus.domain.timing import Timing
from tests.simulation.crowd import conditions_of, scenario_of
from tests.simulation.fault_periods import FaultPeriods, drawn_fault_periods
from tests.simulation.faults import swarm
from tests.simulation.report import Report
from tests.simulation.run import IssuerOf, Run, real_issuer
from tests.simulation.settings import TIMING


def drawn[R: Run](
    kind: type[R], seed: int, *, timing: Timing = TIMING, issuer_of: IssuerOf = real_issuer
) -> R:
    """Return a prepared run under the faults of its seed."""
    conditions = conditions_of(seed)
    run = kind(
        scenario_of(seed),
        conditions,
        seed=seed,
        faults=FaultPeriods(drawn_fault_periods(seed, chaos=conditions.chaos), others=swarm(seed)),
        timing=timing,
        issuer_of=issuer_of,
    )
    run.prepare()
    return run


def run_seed(seed: int, *, timing: Timing = TIMING, issuer_of: IssuerOf = real_issuer) -> Report:
    """Run a seed under its own faults."""
    run = drawn(Run, seed, timing=timing, issuer_of=issuer_of)
    run.go(chaos=run.conditions.chaos)
    return run.report(seed)
