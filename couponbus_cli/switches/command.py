"""`couponbus stop` and `couponbus start`: a part of a stage stops, and loses nothing meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.triggers import Part, Trigger
from couponbus_cli.app.world import World
from couponbus_cli.restore.restoring import mark_of

PartArgument = Annotated[Part, typer.Argument(help="What is stopped or started.", metavar="PART")]
MEANWHILE: Mapping[Part, str] = {
    Part.ISSUING: "Sign-ups wait in their queue for 4 days, what was begun waits in the ledger.",
    Part.POLLING: "What is redeemed meanwhile is found by the next poll.",
    Part.WEBHOOKS: "Deliveries wait in the ledger, for as long as it takes.",
}
UNTIL = (
    "It stays so until: couponbus start {part}; a deployment that changes the trigger also starts"
    " it, unless the stage has it in `paused`."
)


@on_stage
def stop(stage: ChosenStage, *, part: PartArgument) -> Answer:
    """Stop issuing, polling or webhooks; what comes meanwhile waits."""
    changed = stage.open().triggers.stop(part)
    meanwhile = [MEANWHILE[part], UNTIL.format(part=part)]
    return _switched("stopped", changed, part=part, after=meanwhile)


@on_stage
def start(stage: ChosenStage, *, part: PartArgument) -> Answer:
    """Start issuing, polling or webhooks again."""
    world = stage.open()
    _require_no_restore(world)
    return _switched("started", world.triggers.start(part), part=part, after=[])


def _require_no_restore(world: World) -> None:
    """Raise Failed while a table is restored: only `restore start` may start its workers."""
    mark = mark_of(world)
    if mark is None or mark.done_at is not None:
        return
    if any(each.part is None and each.is_off for each in world.triggers.all()):
        text = "the table is being restored: start the workers with `couponbus restore start`"
        raise Failed(text, kind="not_allowed")


def _switched(done: str, changed: Sequence[Trigger], *, part: Part, after: Sequence[str]) -> Answer:
    names = [each.name for each in changed]
    shown = [f"{name}: {done}" for name in names] or [f"{part} was {done} already"]
    return Answer(data={"part": part, done: names}, shown=[*shown, *after])
