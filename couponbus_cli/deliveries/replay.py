"""Replays of past events: count, ask, record in the ledger, send."""

from dataclasses import dataclass

import typer

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.webhooks.replay import Replay
from couponbus.usecases.webhooks.replay_selection import Selection
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.confirming import Confirm
from couponbus_cli.app.failing import UNREACHABLE, Failed, failure_of
from couponbus_cli.app.formatting import count, moment
from couponbus_cli.app.world import World
from couponbus_cli.deliveries.selection_text import in_words, selection_of, text_of
from couponbus_cli.endpoints.parts import replaying

NOTHING = (
    "No webhook matches. An endpoint gets the events of its pattern, unless it is disabled; test"
    " events are not sent again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """What to send again, at which rate, and who asks for it."""

    selection: Selection
    rate: int
    requested_by: str


def count_only(selection: Selection, *, world: World) -> Answer:
    """Count without sending."""
    number = replaying(world).count(selection)
    would = f"{count(number, 'webhook')} would be sent again:" if number else NOTHING
    data = {"dry_run": True, "deliveries": number}
    return Answer(data=data, shown=[would, *_indented(selection)] if number else [would])


def start_replay(request: ReplayRequest, *, confirm: Confirm, world: World) -> Answer:
    """Count, ask, and send. Raises Failed."""
    number = replaying(world).count(request.selection)
    if not number:
        data = {"dry_run": False, "deliveries": 0, "replay_id": None}
        return Answer(data=data, shown=[NOTHING])
    lines = "\n".join(_indented(request.selection))
    if not confirm(f"{lines}\nsend {count(number, 'webhook')} again, {request.rate} a second"):
        raise Failed("nothing was sent", kind="not_confirmed")
    audit = Replay(
        replay_id=world.ids.new(),
        tenant=request.selection.tenant,
        selection=text_of(request.selection),
        requested_by=request.requested_by,
        began_at=world.clock.now(),
        planned=number,
        rate=request.rate,
    )
    return _sent(audit, request.selection, world=world)


def continue_replay(replay_id: str, *, confirm: Confirm, world: World) -> Answer:
    """Continue an interrupted replay. Raises Failed."""
    key = f"REPLAY#{replay_id}"
    audit = world.rows.read([key]).get(key)
    if not isinstance(audit, Replay):
        raise Failed(f"there is no replay {replay_id}", kind="not_found")
    if audit.ended_at is not None:
        text = f"the replay {replay_id} ended {moment(audit.ended_at)}"
        raise Failed(text, kind="not_allowed")
    selection = selection_of(audit.selection, tenant=audit.tenant)
    lines = "\n".join(_indented(selection))
    question = f"{lines}\ncontinue this replay of {count(audit.planned, 'webhook')}"
    if not confirm(question):
        raise Failed("nothing was sent", kind="not_confirmed")
    return _sent(audit, selection, world=world)


def _sent(audit: Replay, selection: Selection, *, world: World) -> Answer:
    name = audit.replay_id
    again = f"couponbus deliveries retry --continue {name}"
    # Printed first: an operator who interrupts the replay must know how to continue it.
    typer.echo(f"replay {name} begins; if it is interrupted: {again}", err=True)
    try:
        done = replaying(world).replay(audit, selection)
    except LedgerUnavailable as error:
        text = f"{failure_of(error)}; it was sent in part. To continue: {again}"
        raise Failed(text, kind="unreachable", code=UNREACHABLE) from None
    shown = [
        f"Replay {name}: {count(done.sent, 'webhook is', 'webhooks are')} due, {done.rate} a"
        " second, the first within a minute or two.",
        "Each keeps its webhook-id. For the results: couponbus deliveries list"
        f" --since {selection.since:%Y-%m-%dT%H:%M:%SZ}",
    ]
    data = {
        "dry_run": False,
        "replay_id": name,
        "deliveries": audit.planned,
        "sent": done.sent,
        "rate": done.rate,
    }
    return Answer(data=data, shown=shown)


def _indented(selection: Selection) -> list[str]:
    return [f"  {line}" for line in in_words(selection)]
