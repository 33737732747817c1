"""`couponbus status`: the facts of a stage, and what needs an operator."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import typer

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import ATTENTION, FINE
from couponbus_cli.app.world import World
from couponbus_cli.status.drawing import drawn
from couponbus_cli.status.figures import Facts
from couponbus_cli.status.reading import part_of, read_facts
from couponbus_cli.status.table_cost import cost_of

NO_WORK = frozenset(
    {"PAUSE", "SCHEDULE", "DIRECTORY", "RECEIPT", "REPLAY", "RESTORE", "TALLY", "AUDIT"}
)
TO_COUNT = "dynamodb:DescribeTable and Scan on the table"


@on_stage
def status(
    stage: ChosenStage,
    *,
    counts: Annotated[
        bool,
        typer.Option("--counts", help="Also count all rows: reads the whole table, for a price."),
    ] = False,
) -> Answer:
    """Show what is done and what waits; exits with 1 when something needs an operator."""
    world = stage.open()
    return reported(_counted(world) if counts else read_facts(world))


def reported(facts: Facts) -> Answer:
    """Return the facts, and what needs an operator; what could not be read needs one too."""
    return Answer(
        data=facts.data(), shown=[*drawn(facts)], code=FINE if facts.is_well else ATTENTION
    )


def _counted(world: World) -> Facts:
    counts = part_of(lambda: _counts(world), right=TO_COUNT)
    return replace(read_facts(world), counts=counts)


def _counts(world: World) -> Mapping[str, Mapping[str, int]]:
    """Count the rows that are work: the others are shown elsewhere."""
    # On standard error, before the table is read: standard output is the answer.
    typer.echo(cost_of(world.report.size()), err=True)
    counted = world.report.counts().items()
    return {kind: states for kind, states in counted if kind not in NO_WORK}
