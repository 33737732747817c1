"""What goes wrong with polling and with the audit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from couponbus.domain.errors import CredentialsRefused, ProviderBusy, ProviderUnavailable
from couponbus.domain.provider import Provider
from tests.incidents import coniq
from tests.incidents.account import RunningStage
from tests.incidents.incident import Act, Incident, nothing
from tests.incidents.operators import each, resume_polls, start, stop
from tests.incidents.stage import POLLED, WATCHED
from tests.incidents.traffic import producer_comes, sign_ups, watched_sign_ups

DAY = 24 * 60
TOO_FEW = tuple(replace(one, calls_per_day=100) for one in POLLED)
BEFORE_THE_AUDIT = datetime(2026, 6, 1, 1, 40, tzinfo=UTC)
UNAVAILABLE = ProviderUnavailable("status_503", provider="uniqodo", route="GET /redemptions")
BUSY = ProviderBusy("status_429", provider="uniqodo", route="GET /redemptions")
UNAUTHORISED = CredentialsRefused("status_401", provider="uniqodo", route="GET /redemptions")


def uniqodo_raises(error: Exception) -> Act:
    def act(stage: RunningStage) -> None:
        stage.parts.providers.down[Provider.UNIQODO] = error

    return act


def mend_uniqodo(stage: RunningStage) -> None:
    stage.parts.providers.down.clear()


def put_outcomes_in_doubt(stage: RunningStage) -> None:
    """Have barcodes issued whose answer never came: the audit looks them up again."""
    stage.parts.coniq.mode = coniq.commits_and_drops


def refuse_the_audit(stage: RunningStage) -> None:
    stage.parts.ledger.refuses = {"audit_barcodes"}


def lose_the_barcodes(stage: RunningStage) -> None:
    stage.parts.coniq.loses = True
    stage.parts.coniq.mode = coniq.well
    stage.traffic.clear()


INCIDENTS: Sequence[Incident] = (
    Incident(
        name="Uniqodo is down",
        breaks=uniqodo_raises(UNAVAILABLE),
        mends=mend_uniqodo,
        programs=(WATCHED,),
        traffic=(watched_sign_ups(every=5),),
        levels={"poll_redemptions-BreakerOpen": 20},
    ),
    Incident(
        name="Uniqodo asks to wait, however long one has waited",
        breaks=uniqodo_raises(BUSY),
        mends=mend_uniqodo,
        programs=(WATCHED,),
        traffic=(watched_sign_ups(every=5),),
        levels={"poll_redemptions-AskedToWait": 20},
    ),
    Incident(
        name="Uniqodo refuses the key",
        breaks=uniqodo_raises(UNAUTHORISED),
        mends=each(mend_uniqodo, resume_polls),
        programs=(WATCHED,),
        traffic=(watched_sign_ups(every=5),),
        lasts=30,
        levels={"schedule_polls-AccountsPaused": 5},
        events={"poll_redemptions-Unauthorised": 5},
    ),
    Incident(
        name="the budget of polls is too small",
        breaks=producer_comes(watched_sign_ups(every=1)),
        programs=(WATCHED,),
        polled=TOO_FEW,
        traffic=(nothing,),
        lasts=20,
        events={"schedule_polls-BudgetExceeded": 10},
    ),
    Incident(
        name="a barcode is missing at Coniq",
        began=BEFORE_THE_AUDIT,
        begins=put_outcomes_in_doubt,
        breaks=lose_the_barcodes,
        lasts=45,
        calm=75,  # until the event has left CloudWatch's sight
        events={"audit_barcodes-MissingFound": 35},
    ),
    Incident(
        name="the ledger refuses the audit",
        began=BEFORE_THE_AUDIT,
        breaks=refuse_the_audit,
        lasts=45,
        calm=75,
        events={"audit_barcodes-Failed": 35},
    ),
    Incident(
        name="the audit is silent",
        breaks=stop("audit_barcodes"),
        mends=start("audit_barcodes"),
        traffic=(sign_ups(every=120),),
        lasts=28 * 60,
        stride=10,
        levels={"audit_barcodes-missing": 28 * 60},
        ends=15 * 60,
    ),
)
