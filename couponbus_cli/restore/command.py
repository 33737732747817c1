"""`couponbus restore`: restore the ledger to an earlier time, without a second barcode."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from couponbus.domain.issuing.restore import Restore
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, YesOption, on_stage
from couponbus_cli.app.confirming import Confirm, always_yes, ask_operator, require
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import moment
from couponbus_cli.app.spans import Typed, moment_of, typed_moment
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.triggers import Trigger
from couponbus_cli.app.unreadable import report_unreadable
from couponbus_cli.app.world import World
from couponbus_cli.restore.restoring import (
    LONGEST_INVOCATION,
    finished,
    leap_of,
    mark_of,
    remade,
    require_still,
    started,
    stopped,
)
from couponbus_cli.restore.stack_changes import Template
from couponbus_config.names import STACKS

SENT_AGAIN = (
    "have the producers sent again all sign-ups since {to}, were the dead-letter queues redriven"
    " and the kept sign-ups rematched, and is all of that processed"
)
RAISE = (
    "couponbus restore copy --from this table itself --over, as what is left in queues knows newer"
    " revisions; then couponbus restore import"
)
OVER = "replace what the table of stage {stage} has by what {source} has"

TEMPLATE = ".template.json"
DEPLOY = "Next: deploy all stacks; that brings back what is not in them yet."

restore = typer.Typer(
    name="restore",
    help=(
        "Restore the ledger to an earlier time. In this order: begin, copy, start, done; of a table"
        " that was deleted: table, start, done. The runbook is in infra/README.md."
    ),
    no_args_is_help=True,
)


@restore.command("begin")
@on_stage
def begin(
    stage: ChosenStage,
    *,
    to: Annotated[
        str, typer.Option(help="The time to restore to: 3h (ago), or 2026-06-01T12:00Z.")
    ],
    idle: Annotated[
        bool, typer.Option("--idle", help="No invocation runs any more: do not wait for any.")
    ] = False,
) -> Answer:
    """Stop the workers, and mark the ledger: what it may have lost is looked up before a POST."""
    back_to = typed_moment(to, option="--to")
    lasting = timedelta(0) if idle else LONGEST_INVOCATION
    return _begun(back_to, lasting, stage.open())


@restore.command("copy")
@on_stage
def copy(
    stage: ChosenStage,
    *,
    source: Annotated[
        str, typer.Option("--from", help="The table that point-in-time recovery has made.")
    ],
    over: Annotated[
        bool,
        typer.Option("--over", help="Replace existing items as well; else only add missing ones."),
    ] = False,
    yes: YesOption = False,
) -> Answer:
    """Copy the items of a restored table into the stage's own; may be repeated."""
    confirm = always_yes if yes or not over else ask_operator

    world = stage.open()
    leap = leap_of(require_still(world))
    require(confirm, OVER.format(stage=stage.name, source=source))
    bring = world.tables.replace if over else world.tables.fill
    done = bring(source, leap=leap)
    text = f"{source} has {done.read:,} items; {done.written:,} of them were written."
    return Answer(data={"read": done.read, "written": done.written}, shown=[text])


@restore.command("table")
@on_stage
def table(
    stage: ChosenStage,
    *,
    backup: Annotated[
        str | None,
        typer.Option(help="The ARN of a backup; else that of the table as it was deleted."),
    ] = None,
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="The stage does not protect its table.")
    ] = False,
    idle: Annotated[
        bool, typer.Option("--idle", help="No invocation runs any more: do not wait for any.")
    ] = False,
) -> Answer:
    """Make a deleted table again: stop the workers, restore, complete and mark it; repeat it."""
    done = remade(
        backup,
        protection="unprotected" if unprotected else "protected",
        lasting=timedelta(0) if idle else LONGEST_INVOCATION,
        world=stage.open(),
    )
    then = RAISE if done.outdated else "couponbus restore import"
    shown = [
        f"The table has the state of {moment(done.restore.to)}.",
        f"Set: {', '.join(done.completed) or 'nothing, all was there'}.",
        f"Next: {then} (infra/README.md, `A table that was deleted`).",
    ]
    data = {**_data(done.restore), "set": [*done.completed], "outdated": done.outdated}
    return Answer(data=data, shown=shown)


@restore.command("import")
@on_stage
def import_(stage: ChosenStage) -> Answer:
    """Bring the table that was made again into its stack; the next deployment does the rest."""
    world = stage.open()
    require_still(world)
    done = world.imports.take_in()
    shown = [
        f"{done.stack} has the table again, as {done.logical_id}.",
        "Next: deploy all stacks, so that publish_events reads its stream, then: couponbus doctor",
    ]
    return Answer(data={"stack": done.stack, "logical_id": done.logical_id}, shown=shown)


@restore.command("adopt")
@on_stage
def adopt(
    stage: ChosenStage,
    *,
    assembly: Annotated[
        Path, typer.Option(help="The folder of the synthesised templates (`make synth`).")
    ] = Path("cdk.out"),
) -> Answer:
    """Take what an earlier deployment left behind into the stacks, so that a new one succeeds."""
    world = stage.open()
    adopted = world.leftovers.adopt(_synthesised(world.stage, assembly))
    shown = [f"{one.stack} had failed, and is deleted" for one in adopted if one.discarded]
    shown += [f"{one.stack} has again: {name}" for one in adopted for name in one.names]
    found = {one.stack: [*one.names] for one in adopted}
    return Answer(data={"adopted": found}, shown=[*(shown or ["Nothing was left behind."]), DEPLOY])


def _synthesised(stage: Stage, assembly: Path) -> Mapping[str, Template]:
    """Return the templates of the stage by the names of their stacks. Raises Failed."""
    files = [assembly / f"{stage.names.of(each)}{TEMPLATE}" for each in STACKS]
    found = [each for each in files if each.exists()]
    if not found:
        text = f"{assembly} has no templates of the stage {stage}: run `make synth` before"
        raise Failed(text, kind="no_templates")
    read = {each.name.removesuffix(TEMPLATE): each.read_text(encoding="utf-8") for each in found}
    return {name: json.loads(text) for name, text in read.items()}


@restore.command("start")
@on_stage
def start(stage: ChosenStage) -> Answer:
    """Make open attempts due, and start the workers again."""
    result = started(stage.open())
    report_unreadable("rows that wake parked webhooks, of the endpoints", result.not_resumed)
    report_unreadable("issuances with an open attempt", result.not_due)
    shown = [
        *_named("switched on", result.triggers),
        "New sign-ups are looked up before they are sent, until: couponbus restore done",
    ]
    names = [each.name for each in result.triggers]
    data = {
        "started": names,
        "not_resumed": sorted(result.not_resumed),
        "not_due": sorted(result.not_due),
    }
    return Answer(data=data, shown=shown)


@restore.command("status")
@on_stage
def status(stage: ChosenStage) -> Answer:
    """Show how far a restore is, and whether the workers run."""
    return _reported(stage.open())


@restore.command("done")
@on_stage
def done(
    stage: ChosenStage,
    *,
    yes: YesOption = False,
) -> Answer:
    """Stop the look-up before new sign-ups are sent; older ones are still looked up."""
    confirm = always_yes if yes else ask_operator
    return _ended(confirm, stage.open())


def _begun(to: Typed, lasting: timedelta, world: World) -> Answer:
    result = stopped(moment_of(to, now=world.clock.now()), lasting=lasting, world=world)
    shown = [
        *_named("switched off", result.triggers),
        f"Nothing runs any more from {moment(result.restore.at)} on. Restore the table into"
        " another one, then: couponbus restore copy --from TABLE",
    ]
    data = {**_data(result.restore), "stopped": [each.name for each in result.triggers]}
    return Answer(data=data, shown=shown)


def _reported(world: World) -> Answer:
    mark, triggers = mark_of(world), world.triggers.all()
    shown = ["The table was never restored." if mark is None else _described(mark)]
    shown += [f"{each.name}: {each.state.lower()}" for each in triggers]
    data = {**_data(mark), "triggers": {each.name: each.state for each in triggers}}
    return Answer(data=data, shown=shown)


def _ended(confirm: Confirm, world: World) -> Answer:
    mark = mark_of(world)
    question = SENT_AGAIN.format(to="the restored hour" if mark is None else moment(mark.to))
    require(confirm, question)
    after = finished(world)
    return Answer(data=_data(after), shown=["New sign-ups are sent without a look-up again."])


def _described(mark: Restore) -> str:
    brought = f"Restored to {moment(mark.to)} at {moment(mark.at)}"
    if mark.done_at is None:
        return f"{brought}; new sign-ups are looked up first, until: couponbus restore done"
    return f"{brought}; done at {moment(mark.done_at)}"


def _named(what: str, triggers: Sequence[Trigger]) -> list[str]:
    return [f"{each.name}: {what}" for each in triggers]


def _data(mark: Restore | None) -> dict[str, object]:
    if mark is None:
        return {"to": None, "at": None, "done_at": None}
    return {
        "to": mark.to.isoformat(),
        "at": mark.at.isoformat(),
        "done_at": mark.done_at and mark.done_at.isoformat(),
    }
