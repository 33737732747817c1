"""`couponbus restore`: bringing the ledger back to an earlier hour, without a second barcode."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, NoReturn

import typer

from couponbus.domain.issuing.restore import Restore
from couponbus_cli.app.answer import Answer, answer
from couponbus_cli.app.asking import Confirm, asked, without_asking
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.options import JsonOption, StageOption, world_of
from couponbus_cli.app.spans import Typed, moment_of, typed_moment
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.telling import moment
from couponbus_cli.app.triggers import Trigger
from couponbus_cli.app.unreadable import say_unreadable
from couponbus_cli.app.world import World
from couponbus_cli.restore.restoring import (
    LONGEST_INVOCATION,
    finished,
    leap_of,
    mark_of,
    require_still,
    started,
    stopped,
)

SENT_AGAIN = (
    "have the producers sent again whatever they had sent since {to}, were the dead letters"
    " redriven and the kept sign-ups matched again, and is all of that through"
)
OVER = "replace what the table of stage {stage} has by what {source} has"

restore = typer.Typer(
    name="restore",
    help=(
        "Bring the ledger back to an earlier hour. In this order: begin, copy, start, done; the"
        " runbook is in infra/README.md."
    ),
    no_args_is_help=True,
)
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


@restore.command("begin")
def begin(
    context: typer.Context,
    *,
    to: Annotated[
        str, typer.Option(help="To when the table goes back: 3h (ago), or 2026-06-01T12:00Z.")
    ],
    idle: Annotated[
        bool, typer.Option("--idle", help="No invocation runs any more: do not wait for them.")
    ] = False,
    stage: StageOption = Stage.LOCAL,
    as_json: JsonOption = False,
) -> NoReturn:
    """Stop the workers, and mark the ledger: what it may have forgotten is looked up first."""
    back_to = typed_moment(to, option="--to")
    lasting = timedelta(0) if idle else LONGEST_INVOCATION
    answer(lambda: _begun(back_to, lasting, world_of(context, stage)), as_json=as_json)


@restore.command("copy")
def copy(
    context: typer.Context,
    *,
    source: Annotated[
        str, typer.Option("--from", help="The table that point-in-time recovery has made.")
    ],
    over: Annotated[
        bool,
        typer.Option("--over", help="Replace what there is as well; else only fill what is gone."),
    ] = False,
    yes: YesOption = False,
    stage: StageOption = Stage.LOCAL,
    as_json: JsonOption = False,
) -> NoReturn:
    """Bring the items of a restored table into the stage's own; may be repeated."""
    confirm = without_asking if yes or not over else asked

    def work() -> Answer:
        world = world_of(context, stage)
        leap = leap_of(require_still(world))
        if not confirm(OVER.format(stage=stage, source=source)):
            raise Failed("nothing was changed", kind="not_confirmed")
        bring = world.tables.replace if over else world.tables.fill
        done = bring(source, leap=leap)
        said = f"{source} has {done.read:,} items; {done.written:,} of them were written."
        return Answer(data={"read": done.read, "written": done.written}, shown=[said])

    answer(work, as_json=as_json)


@restore.command("start")
def start(
    context: typer.Context, stage: StageOption = Stage.LOCAL, as_json: JsonOption = False
) -> NoReturn:
    """Let the workers run again."""

    def work() -> Answer:
        result = started(world_of(context, stage))
        say_unreadable("rows that wake parked webhooks, of the endpoints", result.unwoken)
        shown = [
            *_named("switched on", result.triggers),
            "New sign-ups are looked up before they are sent, until: couponbus restore done",
        ]
        names = [each.name for each in result.triggers]
        return Answer(data={"started": names, "unwoken": sorted(result.unwoken)}, shown=shown)

    answer(work, as_json=as_json)


@restore.command("status")
def status(
    context: typer.Context, stage: StageOption = Stage.LOCAL, as_json: JsonOption = False
) -> NoReturn:
    """Show how far a restore is, and whether the workers run."""
    answer(lambda: _reported(world_of(context, stage)), as_json=as_json)


@restore.command("done")
def done(
    context: typer.Context,
    *,
    yes: YesOption = False,
    stage: StageOption = Stage.LOCAL,
    as_json: JsonOption = False,
) -> NoReturn:
    """Take new sign-ups for new again; what is older is looked up all the same."""
    confirm = without_asking if yes else asked
    answer(lambda: _ended(confirm, world_of(context, stage)), as_json=as_json)


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
    shown = ["The table was never restored." if mark is None else _told(mark)]
    shown += [f"{each.name}: {each.state.lower()}" for each in triggers]
    data = {**_data(mark), "triggers": {each.name: each.state for each in triggers}}
    return Answer(data=data, shown=shown)


def _ended(confirm: Confirm, world: World) -> Answer:
    mark = mark_of(world)
    question = SENT_AGAIN.format(to="the restored hour" if mark is None else moment(mark.to))
    if not confirm(question):
        raise Failed("nothing was changed", kind="not_confirmed")
    after = finished(world)
    return Answer(data=_data(after), shown=["New sign-ups are taken for new again."])


def _told(mark: Restore) -> str:
    brought = f"Brought back to {moment(mark.to)} at {moment(mark.at)}"
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
