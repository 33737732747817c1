"""What goes wrong with the bus, and with what publishes."""

from collections.abc import Sequence

from tests.incidents import coniq
from tests.incidents.account import RunningStage
from tests.incidents.incident import Act, Incident
from tests.incidents.operators import break_function, coniq_is, each, empty, mend_function
from tests.incidents.traffic import FIRST_CUSTOMER, sign_ups

# What it refuses is published by way of the stream, as all that was not issued without doubt.
CONIQ_REFUSES_SOME = coniq_is(coniq.refuses_some)
NOT_PUBLISHED = {"issue_barcodes-Failed": 6, "sweep_due-Failed": 8, "sweep_due-behind": 25}


def shut_the_bus(stage: RunningStage) -> None:
    stage.parts.bus.is_down = True


def open_the_bus(stage: RunningStage) -> None:
    stage.parts.bus.is_down = False


def deny(*functions: str) -> Act:
    """Take the permission to put events from these functions."""
    return lambda stage: stage.parts.bus.denied.update(functions)


def permit(stage: RunningStage) -> None:
    stage.parts.bus.denied.clear()


def refuse_one_event(stage: RunningStage) -> None:
    stage.parts.bus.refuses.add(f"signup-{FIRST_CUSTOMER + stage.minutes + 2}")


def take_all_events(stage: RunningStage) -> None:
    stage.parts.bus.refuses.clear()


INCIDENTS: Sequence[Incident] = (
    Incident(
        name="the bus does not answer",
        breaks=shut_the_bus,
        mends=open_the_bus,
        lasts=40,
        levels=NOT_PUBLISHED,
    ),
    Incident(
        name="the bus does not answer while some are refused",
        begins=CONIQ_REFUSES_SOME,
        breaks=shut_the_bus,
        mends=open_the_bus,
        lasts=40,
        levels={**NOT_PUBLISHED, "publish_events-Failed": 9},
    ),
    Incident(
        name="issue_barcodes may not put events",
        breaks=deny("issue_barcodes"),
        mends=permit,
        lasts=40,
        levels={"issue_barcodes-Failed": 6},
    ),
    Incident(
        name="the bus refuses one event",
        breaks=refuse_one_event,
        mends=take_all_events,
        lasts=40,
        levels={"sweep_due-Failed": 12, "sweep_due-behind": 30},
    ),
    Incident(
        name="the function of the stream is broken while it carries nothing",
        breaks=break_function("publish_events"),
        mends=mend_function("publish_events"),
        lasts=30,
    ),
    Incident(
        name="the function of the stream is broken",
        begins=CONIQ_REFUSES_SOME,
        breaks=break_function("publish_events"),
        mends=mend_function("publish_events"),
        lasts=30,
        events={"publish_events-errors": 5},
    ),
    Incident(
        name="the function of the stream is broken for hours",
        begins=CONIQ_REFUSES_SOME,
        breaks=break_function("publish_events"),
        mends=each(mend_function("publish_events"), empty("unpublished")),
        traffic=(sign_ups(every=3),),
        lasts=120,
        levels={"publish_events-behind": 75, "unpublished-not-empty": 115},
        events={"publish_events-errors": 14},
    ),
)
