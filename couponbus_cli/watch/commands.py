"""`couponbus watch list|cancel|poll`: show watches, end them, or poll them now."""

from collections.abc import Callable, Sequence
from itertools import batched
from typing import Annotated

import typer

from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.provider import Provider
from couponbus.events.base import Command
from couponbus.events.commands import KEYS_PER_COMMAND, ContinueWork, EndWatches
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, TenantOption, YesOption, on_stage
from couponbus_cli.app.confirming import Confirm, always_yes, ask_operator, require
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import count
from couponbus_cli.app.unreadable import report_unreadable
from couponbus_cli.app.world import World
from couponbus_cli.watch.polling import forecast_of
from couponbus_cli.watch.rows import data_of, table_of
from couponbus_cli.watch.scan import WatchFilter

LIMIT_MAX = 10_000

type Make = Callable[[tuple[str, ...]], Command]

WatchesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="WATCH_ID|SIGNUP...", help="Watches, or sign-ups with all their watches."
    ),
]


@on_stage
def list_watches(
    stage: ChosenStage,
    *,
    state: Annotated[WatchState | None, typer.Option(help="Only in this state.")] = None,
    provider: Annotated[Provider | None, typer.Option(help="Only at this provider.")] = None,
    account: Annotated[str | None, typer.Option(help="Only of this account.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="Show at most this many.")] = 100,
) -> Answer:
    """Show watches, without the customers' names, and when each is polled next."""
    world = stage.open()
    wanted = WatchFilter(state=state, provider=provider, account=account)
    keys = world.watches.keys(wanted, limit=limit)
    rows = [row for row in world.rows.read(keys).values() if isinstance(row, Watch)]
    if not rows:
        return Answer(data={"watches": []}, shown=["There are no such watches."])
    now, polling = world.clock.now(), forecast_of(world)
    data = {"watches": [data_of(row, now=now, polling=polling) for row in rows]}
    more = [f"Only {limit} are shown; there may be more."] if len(keys) == limit else []
    return Answer(data=data, shown=[table_of(rows, now=now, polling=polling), *more])


@on_stage
def cancel(
    stage: ChosenStage,
    *,
    watches: WatchesArgument,
    erase: Annotated[
        bool, typer.Option("--erase", help="Also delete names and custom parameters, for good.")
    ] = False,
    yes: YesOption = False,
    tenant: TenantOption = "default",
) -> Answer:
    """End watches: their customers are no longer polled."""
    world = stage.open()
    found = found_watches(watches, tenant=tenant, world=world)
    if erase:
        left = [row for row in found if row.reason != EndReason.ERASED]
        return _erased(left, confirm=always_yes if yes else ask_operator, world=world)
    alive = [row for row in found if row.state is not WatchState.ENDED]
    sent = send(alive, lambda keys: EndWatches(reason="cancelled", keys=keys), world=world)
    return _answer_of(sent, verb="ended", over=len(found) - sent)


@on_stage
def poll(
    stage: ChosenStage,
    *,
    watches: WatchesArgument,
    tenant: TenantOption = "default",
) -> Answer:
    """Poll watches now, whenever their next poll is planned."""
    world = stage.open()
    found = found_watches(watches, tenant=tenant, world=world)
    alive = [row for row in found if row.state is not WatchState.ENDED]
    sent = send(alive, lambda keys: ContinueWork(keys=keys), world=world)
    return _answer_of(sent, verb="polled", over=len(found) - sent)


def found_watches(queries: Sequence[str], *, tenant: str, world: World) -> list[Watch]:
    """Return the watches of ids and sign-ups, each once. Raises Failed that names unknown ones."""
    found: dict[str, Watch] = {}
    unknown = []
    for query in dict.fromkeys(each.strip() for each in queries):
        key = query if query.startswith(watch_key("")) else watch_key(query)
        rows = world.rows.read([key])
        if not rows and not rows.broken:
            rows = world.report.of_signup(tenant=tenant, signup_id=query)
        report_unreadable("rows", rows.broken)
        watches = {row.key: row for row in rows.values() if isinstance(row, Watch)}
        found |= watches
        unknown += [] if watches or rows.broken else [query]
    if unknown:
        raise Failed(f"there are no watches of {', '.join(unknown)}", kind="not_found")
    return list(found.values())


def send(watches: Sequence[Watch], make: Make, *, world: World) -> int:
    """Send commands for these watches to the polls queue, and return their number."""
    keys = [row.key for row in watches]
    world.polls.send([make(chunk) for chunk in batched(keys, KEYS_PER_COMMAND, strict=False)])
    return len(keys)


def _erased(watches: Sequence[Watch], *, confirm: Confirm, world: World) -> Answer:
    question = (
        f"delete for good the customers' names of {count(len(watches), 'watch', 'watches')}? These"
        " customers are never watched again under the same names"
    )
    if watches:
        require(confirm, question)
    sent = send(watches, lambda keys: EndWatches(reason="erased", keys=keys), world=world)
    return _answer_of(sent, verb="erased", over=0)


def _answer_of(sent: int, *, verb: str, over: int) -> Answer:
    beside = f" {count(over, 'has', 'have')} ended already." if over else ""
    watches = count(sent, "watch is", "watches are")
    shown = [f"{watches} {verb} within a minute.{beside}"]
    return Answer(data={"watches": sent, "ended_already": over}, shown=shown)
