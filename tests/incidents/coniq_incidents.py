"""What goes wrong at Coniq."""

from collections.abc import Sequence

from tests.incidents import coniq
from tests.incidents.account import RunningStage
from tests.incidents.incident import Incident
from tests.incidents.operators import CONIQ_IS_WELL, coniq_is, each, resolve, resume_coniq
from tests.incidents.traffic import sign_ups

# A customer waits for more than 15 minutes, and so does a row that the sweeper sees.
WAITING = {"issue_barcodes-waiting": 18, "sweep_due-behind": 27}
SILENT = {**WAITING, "issue_barcodes-BreakerOpen": 17}


def make_two(stage: RunningStage) -> None:
    """Have the barcodes of the next three POSTs made twice, and no answer."""
    stage.parts.coniq.doubles = 3


INCIDENTS: Sequence[Incident] = (
    Incident(
        name="Coniq answers 500",
        breaks=coniq_is(coniq.fails),
        mends=CONIQ_IS_WELL,
        levels=SILENT,
    ),
    Incident(
        name="Coniq answers 500 while few sign up",
        breaks=coniq_is(coniq.fails),
        mends=CONIQ_IS_WELL,
        traffic=(sign_ups(every=20),),
        lasts=120,
        levels={
            "issue_barcodes-waiting": 35,
            "issue_barcodes-BreakerOpen": 55,
            "sweep_due-behind": 45,
        },
    ),
    Incident(
        name="Coniq answers 429",
        breaks=coniq_is(coniq.throttles),
        mends=CONIQ_IS_WELL,
        levels=WAITING,
    ),
    Incident(
        name="Coniq refuses connections",
        breaks=coniq_is(coniq.refuses_connections),
        mends=CONIQ_IS_WELL,
        levels=SILENT,
    ),
    Incident(
        name="Coniq hangs",
        breaks=coniq_is(coniq.hangs),
        mends=CONIQ_IS_WELL,
        levels=SILENT,
    ),
    Incident(
        name="Coniq refuses the key",
        breaks=coniq_is(coniq.refuses_the_key),
        mends=CONIQ_IS_WELL,
        levels=SILENT,
        events={"issue_barcodes-Unauthorised": 2},
    ),
    Incident(
        name="Coniq breaks its contract",
        breaks=coniq_is(coniq.breaks_its_contract),
        mends=each(CONIQ_IS_WELL, resume_coniq),
        levels={**WAITING, "issue_barcodes-waiting": 27, "sweep_due-Braked": 6},
        events={"issue_barcodes-Anomalies": 3, "issue_barcodes-ContractBroken": 5},
    ),
    Incident(
        name="Coniq commits and drops the answer",
        breaks=coniq_is(coniq.commits_and_drops),
        mends=CONIQ_IS_WELL,
        levels={**SILENT, "issue_barcodes-waiting": 28},
    ),
    Incident(
        name="Coniq makes two barcodes",
        breaks=make_two,
        mends=resolve,
        lasts=30,
        levels={"sweep_due-AmbiguousOpen": 15},
    ),
    Incident(
        name="Coniq refuses every customer",
        breaks=coniq_is(coniq.refuses_each),
        mends=each(CONIQ_IS_WELL, resume_coniq),
        levels={
            "issue_barcodes-RefusedShare": 17,
            "sweep_due-Braked": 23,
            "sweep_due-behind": 40,
        },
    ),
    Incident(
        name="Coniq fails for two minutes",
        breaks=coniq_is(coniq.fails),
        mends=CONIQ_IS_WELL,
        lasts=2,
    ),
    Incident(
        name="Coniq fails for fourteen minutes",
        breaks=coniq_is(coniq.fails),
        mends=CONIQ_IS_WELL,
        lasts=14,
        calm=40,
        levels={"issue_barcodes-BreakerOpen": 16, "issue_barcodes-waiting": 18},
    ),
    Incident(
        name="Coniq fails for eight minutes",
        breaks=coniq_is(coniq.fails),
        mends=CONIQ_IS_WELL,
        lasts=8,
    ),
)
