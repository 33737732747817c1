"""`couponbus logs`: what the functions logged of a sign-up and of all that followed from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from couponbus.domain.row import Row
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, TenantOption, on_stage
from couponbus_cli.app.failing import ATTENTION, FINE
from couponbus_cli.app.formatting import count, moment
from couponbus_cli.app.spans import moment_of, typed_moment
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import World
from couponbus_cli.logs.line import FAILED, FUNCTIONS, LogLine
from couponbus_cli.logs.log_groups import Lines, kept_of
from couponbus_cli.logs.traces import trace_in, traces_of
from couponbus_cli.why.finding import Found, find, keys_in

QUERY_LETTERS = 100
TRACES_MAX = 5
WIDEST = max(map(len, FUNCTIONS))
ALL_LEFT_OUT = (
    "A line names 200 traces at most, and counts the others in `traces_left_out`. Sign-ups that"
    " came over the bus and are still in their queue have no line yet."
)


@on_stage
def logs(
    stage: ChosenStage,
    *,
    query: Annotated[
        str,
        typer.Argument(
            metavar="TRACE_ID|SIGNUP|TRACKING_CODE|EVENT_ID|WEBHOOK_ID",
            help="A trace id, a traceparent, or any id that `why` takes.",
        ),
    ],
    since: Annotated[
        str, typer.Option(metavar="AGO|MOMENT", help="Logged since then: 24h, or a moment.")
    ] = "24h",
    tenant: TenantOption = "default",
) -> Answer:
    """Show the log lines of all functions that name a trace, in their order."""
    first = typed_moment(since, option="--since")
    world = stage.open()
    now = world.clock.now()
    return _logged(
        query.strip(), tenant=tenant, since=moment_of(first, now=now), now=now, world=world
    )


def _logged(query: str, *, tenant: str, since: datetime, now: datetime, world: World) -> Answer:
    trace_id = trace_in(query)
    if trace_id is None:
        found = find(query, tenant=tenant, world=world)
        traces = traces_of(found.rows) or _traces_beside(found.rows, since=since, world=world)
        if not traces:
            return _unknown(query, found)
    else:
        # 32 digits may be an event's id as well, written without its hyphens.
        rows = world.rows.read(keys_in(query))
        traces = traces_of(rows.values()) or [trace_id]
    searched = traces[:TRACES_MAX]
    lines = world.logs.mentioning(searched, since=since)
    report = _Report(traces=searched, lines=lines, since=since, now=now, stage=world.stage)
    more = [] if len(traces) == len(searched) else [_more(len(traces) - len(searched))]
    return Answer(
        data={"since": since.isoformat(), **report.data(), "traces_left_out": traces[TRACES_MAX:]},
        shown=[*report.shown(), *more],
        code=FINE if lines.found else ATTENTION,
    )


def _traces_beside(rows: Sequence[Row], *, since: datetime, world: World) -> list[str]:
    """Return the traces that lines name beside rows which have none, such as unmatched sign-ups."""
    keys = [row.key for row in rows][:TRACES_MAX]
    lines = world.logs.mentioning(keys, since=since).found if keys else ()
    found = (line.trace_of(key) for line in lines for key in keys)
    return list(dict.fromkeys(one for one in found if one is not None))


def _unknown(query: str, found: Found) -> Answer:
    shown = query[:QUERY_LETTERS]
    places = "; ".join(one[: 2 * QUERY_LETTERS] for one in found.searched)
    if found.rows:
        text = f"The rows of {shown} have no trace id, and no line since then names one of them."
    else:
        text = f"Nothing is known of {shown}, so no trace can be searched. Searched: {places}."
    data = {"query": shown, "traces": [], "lines": [], "searched": [places]}
    return Answer(data=data, shown=[text], code=ATTENTION)


def _more(number: int) -> str:
    return f"{count(number, 'more trace')} of it: ask for its sign-up or tracking code instead."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """The lines of some traces; one of several stands at each that it names."""

    traces: Sequence[str]
    lines: Lines
    since: datetime
    now: datetime
    stage: Stage

    def data(self) -> dict[str, object]:
        """Return it with stable keys."""
        return {
            "traces": [*self.traces],
            "lines": [
                {**_data_of(line, trace_id), "trace_id": trace_id}
                for trace_id in self.traces
                for line in self._of(trace_id)
            ],
            "unread": dict(self.lines.unread),
            "cut": [*self.lines.cut],
        }

    def shown(self) -> list[str]:
        """Return it for a terminal."""
        shown: list[str] = []
        for trace_id in self.traces:
            lines = self._of(trace_id)
            shown.append(f"Trace {trace_id}: {count(len(lines), 'line')} {self._period}")
            shown += [_text_of(line, trace_id) for line in lines]
        unread = self.lines.unread
        shown += [f"{function} could not be read: {why}" for function, why in unread.items()]
        if self.lines.cut:
            functions = ", ".join(self.lines.cut)
            shown.append(f"There may be more lines of {functions}: choose a later --since.")
        if not self.lines.found:
            shown.append(ALL_LEFT_OUT)
        return [*shown, *self._retention()]

    @property
    def _period(self) -> str:
        return f"since {moment(self.since)}"

    def _of(self, trace_id: str) -> list[LogLine]:
        return [line for line in self.lines.found if line.outcomes(trace_id)]

    def _retention(self) -> list[str]:
        kept = kept_of(self.stage)
        if self.since >= self.now - kept:
            return []
        return [f"The stage {self.stage} keeps log lines for {count(kept.days, 'day')}."]


def _text_of(line: LogLine, trace_id: str) -> str:
    """Return it as two lines: a narrow terminal would leave out columns of a table."""
    at = f"{line.at.astimezone(UTC):%m-%d %H:%M:%S.%f}"[:-3]
    happened = f"{line.what}: {_outcome_of(line, trace_id)}"
    return f"  {at}  {line.function:{WIDEST}}  {happened}\n{'':22}request {line.request_id}"


def _outcome_of(line: LogLine, trace_id: str) -> str:
    causes = line.causes_of(trace_id)
    whose = "its batch: " if len(causes) > 1 else ""
    failed = f"{FAILED} ({whose}{', '.join(causes)})" if causes else FAILED
    return ", ".join(failed if what == FAILED else what for what in line.outcomes(trace_id))


def _data_of(line: LogLine, trace_id: str) -> dict[str, object]:
    causes = line.causes_of(trace_id)
    is_certain = len(causes) == 1
    return {
        "at": line.at.isoformat(),
        "function": line.function,
        "what": line.what,
        "outcomes": line.outcomes(trace_id),
        "why": causes if is_certain else [],
        "why_of_batch": [] if is_certain else causes,
        "row": line.row_of(trace_id),
        "request_id": line.request_id,
    }
