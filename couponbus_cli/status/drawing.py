"""The facts of a stage as tables and lines that fit into 80 columns, the needs last."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.table import Column, Table

from couponbus.aws.ledger.report import Backlogged
from couponbus_cli.app.formatting import when
from couponbus_cli.app.queues import Depth
from couponbus_cli.endpoints import webhook_health
from couponbus_cli.status.account_figures import AccountFigures
from couponbus_cli.status.audit_figures import lines_of
from couponbus_cli.status.figures import Endpoints, Facts, Part, Unread
from couponbus_cli.status.measured import Alarms, Rates, Series

NAMES: Mapping[Series, str] = {
    Series.SIGN_UPS: "sign-ups",
    Series.MATCHED: "matched",
    Series.ISSUED: "issued",
    Series.UNKNOWN: "unknown",
    Series.REFUSED: "refused",
    Series.POLLS: "polls",
    Series.REDEMPTIONS: "redemptions",
    Series.WEBHOOKS: "webhooks",
}

# What is shown only where it needs an operator.
ONLY_NEEDS: Mapping[str, str] = {
    "ambiguous": "Ambiguous issuances",
    "unmatched": "Unmatched sign-ups",
    "workers": "Triggers of the functions",
    "strangers": "Accounts of the programs",
    "restore": "Restore",
}

type Shown = Iterator[RenderableType]


def drawn(facts: Facts) -> Shown:
    """Yield what a terminal shows; where a part could not be read stands why."""
    now = facts.at
    yield from _or_why("Rows", facts.counts, _counts)
    yield from _or_why("Last hour", facts.rates, _rates)
    yield from _or_why("Accounts", facts.accounts, _accounts)
    yield from _or_why("Queues", facts.queues, _queues)
    yield from _or_why("Endpoints", facts.endpoints, lambda found: _endpoints(found, now))
    yield from _or_why("Backlogs", facts.backlogs, _backlogs)
    yield from _oldest_due(facts)
    yield from _or_why("Waiting", facts.waiting, lambda found: _longest(found.oldest, now))
    yield from _planned(facts)
    yield from _or_why("Audit", facts.audit, lambda figures: lines_of(figures, now=now))
    yield from _or_why("Alarms", facts.alarms, _alarms)
    unread = facts.unread.items()
    yield from (
        f"{ONLY_NEEDS[name]}: not read: {why}" for name, why in unread if name in ONLY_NEEDS
    )
    yield from (f"! {need}" for need in facts.needs)
    yield from _verdict(facts)


def _or_why[Value](name: str, part: Part[Value], draw: Callable[[Value], Shown]) -> Shown:
    if isinstance(part, Unread):
        yield f"{name}: not read: {part.why}"
    else:
        yield from draw(part)


def _verdict(facts: Facts) -> Shown:
    if facts.is_well:
        yield "All is well."
    elif not facts.needs:
        unread = ", ".join(facts.unread)
        yield f"Nothing needs an operator in what could be read; not read: {unread}."


def _counts(counts: Mapping[str, Mapping[str, int]] | None) -> Shown:
    if counts is None:
        return
    table = Table("ledger", "state", Column("rows", justify="right"))
    for kind, states in counts.items():
        for state, number in states.items():
            table.add_row(kind.lower(), state, f"{number:,}")
    yield table


def _rates(rates: Rates) -> Shown:
    if not any(rates.last_hour(each) for each in Series):
        yield "Last hour: nothing was counted."
        return
    counted = [f"{rates.last_hour(each):,} {NAMES[each]}" for each in Series]
    yield f"Last hour: {', '.join(counted)}."


def _accounts(accounts: Sequence[AccountFigures]) -> Shown:
    # A table would cut them on a narrow terminal: names are long, and so are states.
    yield from (
        f"{one.title}: {_calls(one)}; {'; '.join(one.states) or 'good'}" for one in accounts
    )
    yield from (
        f"{one.title}: {one.pace.brake.posted:,} sent in the hour,"
        f" {one.pace.brake.refused:,} refused, {one.pace.brake.anomalies:,} with other values"
        for one in accounts
        if one.polled is None and one.pace.brake.posted
    )


def _calls(one: AccountFigures) -> str:
    if one.calls_per_day is None:
        return f"{one.calls_today:,} calls today, no limit"
    today = f"{one.calls_today:,} of {one.calls_per_day:,} calls today"
    return f"{today}, {one.calls_left:,} left"


def _queues(depths: Sequence[Depth]) -> Shown:
    full = [depth for depth in depths if depth.visible or depth.in_flight]
    if not full:
        yield f"Queues: all {len(depths)} are empty."
        return
    table = Table(
        Column("queue", no_wrap=True),
        Column("waiting", justify="right", no_wrap=True),
        Column("in flight", justify="right", no_wrap=True),
    )
    for depth in full:
        table.add_row(depth.queue, f"{depth.visible:,}", f"{depth.in_flight:,}")
    yield table
    yield f"Queues: the other {len(depths) - len(full)} are empty."


def _endpoints(found: Endpoints, now: datetime) -> Shown:
    if found.readable:
        yield webhook_health.table_of(found.readable, now=now)
    if found.more:
        looked_at = len(found.readable) + len(found.broken)
        yield f"Endpoints: only {looked_at:,} were looked at; couponbus endpoints list shows all"


def _backlogs(backlogs: Mapping[str, Backlogged]) -> Shown:
    named = ", ".join(f"{name} {each.shown}" for name, each in backlogs.items() if each.rows)
    yield f"Backlogs: {named or 'none has any row'}"
    counted = " (a batch of up to 200 barcodes counts as one)" if backlogs["outbox"].rows else ""
    yield f"Not yet published: {backlogs['outbox'].shown}{counted}"


def _oldest_due(facts: Facts) -> Shown:
    due = facts.oldest_due
    if due is None:
        yield "Oldest due: nothing is due"
    elif not isinstance(due, Unread):
        yield f"Oldest due: {due.key}, due {when(due.due_at, facts.at)}"


def _longest(oldest: datetime | None, now: datetime) -> Shown:
    if oldest is not None:
        yield f"Undecided for longest: since {when(oldest, now)}"


def _planned(facts: Facts) -> Shown:
    done, accounts = facts.planned_until, facts.accounts
    if isinstance(done, Unread) or isinstance(accounts, Unread):
        return  # said of the accounts
    polled = [one.polled for one in accounts if one.polled is not None]
    if not polled:
        return
    yield "Polls planned until: " + ("never" if done is None else when(done, facts.at))
    loads = [one.load for one in polled if one.calls_per_day is not None]
    yield from (f"{load.subject}; {load.watched:,} are watched." for load in loads)


def _alarms(alarms: Alarms) -> Shown:
    if not alarms.deployed:
        yield "Alarms: this stage has none."
