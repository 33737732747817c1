"""What the ledger refuses."""

from collections.abc import Sequence

from tests.incidents import coniq
from tests.incidents.account import RunningStage
from tests.incidents.incident import Act, Incident
from tests.incidents.ledger import EVERY_FUNCTION
from tests.incidents.operators import coniq_is
from tests.incidents.stage import WATCHED
from tests.incidents.traffic import watched_sign_ups

# All of it happens before the eighth receive, after which sign-ups are dead letters.
BEFORE_LETTERS = 45
FAILING = {"issue_barcodes-Failed": 4, "signups-old": 13}


def refuse_writes(function: str) -> Act:
    """Let a function read the ledger, and not write to it."""

    def act(stage: RunningStage) -> None:
        stage.parts.ledger.refuses_writes = {function}

    return act


def refuse_closing(stage: RunningStage) -> None:
    stage.parts.ledger.refuses_closing = {"issue_barcodes"}


def throttle(stage: RunningStage) -> None:
    stage.parts.ledger.refuses = {EVERY_FUNCTION}
    stage.is_throttled = True


def accept(stage: RunningStage) -> None:
    ledger = stage.parts.ledger
    ledger.refuses = ledger.refuses_writes = ledger.refuses_closing = set()


INCIDENTS: Sequence[Incident] = (
    Incident(
        name="the ledger refuses the writes of issue_barcodes",
        breaks=refuse_writes("issue_barcodes"),
        mends=accept,
        lasts=BEFORE_LETTERS,
        levels=FAILING,
    ),
    Incident(
        name="the ledger is throttled",
        breaks=throttle,
        mends=accept,
        lasts=BEFORE_LETTERS,
        levels={
            **FAILING,
            "sweep_due-Failed": 4,
            "schedule_polls-missing": 6,
        },
        events={"ledger-reads-throttled": 2, "ledger-queries-throttled": 2},
    ),
    Incident(
        name="the ledger refuses that issue_barcodes closes its batches",
        breaks=refuse_closing,
        mends=accept,
        lasts=15,
        levels={"issue_barcodes-Failed": 4},
    ),
    Incident(
        name="the ledger refuses the marks of what was published",
        begins=coniq_is(coniq.refuses_some),
        breaks=refuse_writes("publish_events"),
        mends=accept,
        lasts=20,
        levels={"publish_events-Failed": 14},
    ),
    Incident(
        name="the ledger refuses the writes of poll_redemptions",
        breaks=refuse_writes("poll_redemptions"),
        mends=accept,
        programs=(WATCHED,),
        traffic=(watched_sign_ups(every=5),),
        lasts=12,
        ends=70,
        levels={"poll_redemptions-Failed": 8},
    ),
)
