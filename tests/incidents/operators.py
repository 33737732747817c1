"""What an operator does: the acts that end a level, and those that stop a part of a stage."""

from dataclasses import replace

from couponbus.domain import braking
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.pause import Pause
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus_cli.resolve.settling import chosen
from tests.incidents import coniq
from tests.incidents.account import RunningStage
from tests.incidents.coniq import Mode
from tests.incidents.incident import Act
from tests.incidents.stage import MAIN
from tests.incidents.traffic import over_the_bus


def coniq_is(mode: Mode) -> Act:
    """Let Coniq behave like this from now on."""

    def act(stage: RunningStage) -> None:
        stage.parts.coniq.mode = mode

    return act


CONIQ_IS_WELL = coniq_is(coniq.well)


def stop(function: str) -> Act:
    """Let its schedule, mapping or stream start a function no more."""
    return lambda stage: stage.parts.stopped.add(function)


def start(function: str) -> Act:
    return lambda stage: stage.parts.stopped.discard(function)


def break_function(function: str) -> Act:
    """Deploy code that cannot be imported."""
    return lambda stage: stage.parts.broken.add(function)


def mend_function(function: str) -> Act:
    return lambda stage: stage.parts.broken.discard(function)


def apply(program: Program) -> Act:
    return lambda stage: stage.parts.programs.put(program)


def empty(*queues: str) -> Act:
    """Look at the letters, and delete them."""

    def act(stage: RunningStage) -> None:
        for queue in queues:
            stage.queues[queue].messages.clear()

    return act


def each(*acts: Act) -> Act:
    """Return an act that is all of these."""

    def act(stage: RunningStage) -> None:
        for one in acts:
            one(stage)

    return act


def resume_coniq(stage: RunningStage) -> None:
    """Do as `couponbus account resume` does."""
    now = stage.clock.present.timestamp()
    stage.parts.limiter.change(MAIN, lambda pace: braking.resumed(pace, now=now))


def resume_polls(stage: RunningStage) -> None:
    """Do as `couponbus watch resume` does."""
    rows = [row for row in stage.parts.ledger.rows.values() if isinstance(row, Pause)]
    stage.parts.ledger.put(*(replace(row, reason=None, promotions=()) for row in rows))


def resolve(stage: RunningStage) -> None:
    """Choose a barcode for each ambiguous issuance, as `couponbus resolve` does."""
    rows = [row for row in stage.parts.ledger.rows.values() if isinstance(row, Issuance)]
    stage.parts.ledger.put(
        *(
            chosen(row, number="2400000000000001", reason="test", now=stage.clock.present)
            for row in rows
            if row.state is IssuanceState.AMBIGUOUS
        )
    )


def remove_endpoints(stage: RunningStage) -> None:
    """Do as `couponbus endpoints remove` does."""
    rows = [row for row in stage.parts.ledger.rows.values() if isinstance(row, Endpoint)]
    stage.parts.ledger.put(*(replace(row, state=EndpointState.REMOVED) for row in rows))


def send_undelivered(stage: RunningStage) -> None:
    """Send again what the rule could not deliver."""
    waiting = stage.queues["undelivered"].messages
    over_the_bus(stage, [one.body for one in waiting.values()])
    waiting.clear()
