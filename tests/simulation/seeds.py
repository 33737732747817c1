"""A run for a number."""

from tests.simulation.faults import swarm
from tests.simulation.run import Report, simulate
from tests.simulation.scenario import drawn


def run_seed(seed: int) -> Report:
    return simulate(drawn(seed), seed=seed, faults=swarm(seed))
