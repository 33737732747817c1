"""`couponbus status`: the figures of a stage, and what needs an operator."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table

from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import ATTENTION, FINE
from couponbus_cli.app.formatting import when
from couponbus_cli.app.world import World
from couponbus_cli.endpoints import webhook_health
from couponbus_cli.restore.restoring import mark_of
from couponbus_cli.status import issuing_figures
from couponbus_cli.status.audit_figures import audit_figures, lines_of
from couponbus_cli.status.health import Figures, attention
from couponbus_cli.watch.poll_figures import poll_figures, table_of

NO_WORK = frozenset(
    {"PAUSE", "SCHEDULE", "DIRECTORY", "RECEIPT", "REPLAY", "RESTORE", "TALLY", "AUDIT"}
)


@on_stage
def status(stage: ChosenStage) -> Answer:
    """Show the ledger and the queues; exits with 1 when something needs an operator."""
    return reported(stage.open())


def reported(world: World) -> Answer:
    """Return the figures of a stage, and what needs an operator."""
    now = world.clock.now()
    waiting = world.scan.waiting()
    figures = Figures(
        counts=_counted(world.report.counts()),
        oldest_due=world.report.oldest_due(),
        waiting=waiting,
        depths=world.queues.depths(),
        polls=poll_figures(world),
        issuing=issuing_figures.account_paces(world),
        endpoints=_endpoints(waiting.endpoints, world),
        restore=mark_of(world),
        audit=audit_figures(world),
    )
    needs = attention(figures, now=now)
    tables: list[RenderableType] = [_rows(figures), _queues(figures)]
    if figures.issuing:
        tables.append(issuing_figures.table_of(figures.issuing))
    if figures.polls.accounts:
        tables.append(table_of(figures.polls))
    if figures.endpoints:
        tables.append(webhook_health.table_of(figures.endpoints, now=now))
    shown = [*tables, *_lines(figures, needs, now)]
    data = _data(world, figures, needs, now)
    return Answer(data=data, shown=shown, code=ATTENTION if needs else FINE)


def _counted(counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, Mapping[str, int]]:
    """Leave out the rows that are not work: they are shown elsewhere."""
    return {kind: states for kind, states in counts.items() if kind not in NO_WORK}


def _data(world: World, figures: Figures, needs: Sequence[str], now: datetime) -> dict[str, object]:
    due = figures.oldest_due
    return {
        "stage": world.stage.value,
        "counts": figures.counts,
        "oldest_due": due and {"key": due.key, "due_at": due.due_at.isoformat()},
        "unpublished": figures.waiting.unpublished,
        "ambiguous": [*figures.waiting.ambiguous],
        "queues": {
            depth.queue: {"visible": depth.visible, "in_flight": depth.in_flight}
            for depth in figures.depths
        },
        "issuing": [account.data() for account in figures.issuing],
        "unproven": {key: at.isoformat() for key, at in figures.waiting.unproven.items()},
        "failing_look_ups": {key: at.isoformat() for key, at in figures.waiting.failing.items()},
        "polling": figures.polls.data(now),
        "endpoints": webhook_health.data_of(figures.endpoints),
        "audit": figures.audit.data(),
        "attention": [*needs],
    }


def _endpoints(keys: Sequence[str], world: World) -> list[Endpoint]:
    rows = world.rows.read(keys).values() if keys else ()
    found = [row for row in rows if isinstance(row, Endpoint)]
    return [row for row in found if row.state is not EndpointState.REMOVED]


def _rows(figures: Figures) -> Table:
    table = Table("ledger", "state", "rows")
    table.columns[2].justify = "right"
    for kind, states in figures.counts.items():
        for state, number in states.items():
            table.add_row(kind.lower(), state, f"{number:,}")
    return table


def _queues(figures: Figures) -> Table:
    table = Table("queue", "waiting", "in flight")
    table.columns[1].justify = table.columns[2].justify = "right"
    for depth in figures.depths:
        table.add_row(depth.queue, f"{depth.visible:,}", f"{depth.in_flight:,}")
    return table


def _lines(figures: Figures, needs: Sequence[str], now: datetime) -> list[str]:
    due = figures.oldest_due
    oldest = "nothing is due" if due is None else f"{due.key}, due {when(due.due_at, now)}"
    return [
        f"Oldest due: {oldest}",
        f"Not yet published: {figures.waiting.unpublished:,}",
        *_planned(figures, now),
        *lines_of(figures.audit, now=now),
        *(f"! {need}" for need in needs),
        *([] if needs else ["All is well."]),
    ]


def _planned(figures: Figures, now: datetime) -> list[str]:
    if not figures.polls.accounts:
        return []
    done = figures.polls.done_until
    limited = [one.load for one in figures.polls.accounts if one.calls_per_day is not None]
    return [
        "Polls planned until: " + ("never" if done is None else when(done, now)),
        *(f"{load.subject}; {load.watched:,} are watched." for load in limited),
    ]
