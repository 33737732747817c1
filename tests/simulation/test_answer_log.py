"""The judge knows how long Coniq's answers have proved nothing to the workers."""

import pytest

from tests.simulation.answer_log import AnswerLog
from tests.simulation.faults import swarm
from tests.simulation.world import Invocation, World

CUSTOMER = ("main", 1001, 7)


def an_invocation() -> Invocation:
    world = World(seed=1, faults=swarm(1))
    return Invocation(world, name="issue_barcodes", work=lambda: None, skew=0.0, kill_at=60.0)


@pytest.mark.parametrize(("crashes", "seconds"), [(False, 100.0), (True, 600.0)])
def test_a_proof_that_a_crashed_worker_received_is_lost(*, crashes: bool, seconds: float) -> None:
    log, second = AnswerLog(), an_invocation()

    log.answer(CUSTOMER, at=0.0, by=an_invocation(), proves=False)
    log.answer(CUSTOMER, at=500.0, by=second, proves=True)
    log.answer(CUSTOMER, at=500.0, by=an_invocation(), proves=False)
    log.answer(CUSTOMER, at=600.0, by=an_invocation(), proves=False)
    second.dead = crashes

    assert log.unproven_for(CUSTOMER) == seconds
