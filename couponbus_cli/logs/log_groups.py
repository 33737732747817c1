"""The log groups of a stage's functions, searched by FilterLogEvents."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from couponbus_cli.app.failing import UNREACHABLE, Failed, failure_of
from couponbus_cli.app.stage import Stage, Target
from couponbus_cli.logs.line import FUNCTIONS, LogLine, in_their_order, line_of

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilterLogEventsRequestTypeDef

AT_ONCE = 3  # AWS allows few searches a second for an account and region
PAGES_MAX = 200  # of a group; a page may be empty although more follow
LINES_MAX = 500
LONGEST_KEPT = timedelta(days=30)  # what is searched where no file says more


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What was found; `unread` says by function why it could not be searched.

    `cut` names the functions that have more than was read.
    """

    found: Sequence[LogLine] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    cut: Sequence[str] = ()


def kept_of(stage: Stage) -> timedelta:
    """Return for how long the stage keeps its logs."""
    return LONGEST_KEPT if stage.log_days is None else timedelta(days=stage.log_days)


class Logs(Protocol):
    """The logs of a stage."""

    def mentioning(self, trace_ids: Sequence[str], *, since: datetime) -> Lines:
        """Return the lines of all functions that name one of the traces, or of the keys of rows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    function: str
    found: Sequence[LogLine] = ()
    unread: Failed | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroups:
    """Searches several groups at once, each within bounds."""

    target: Target

    def mentioning(self, trace_ids: Sequence[str], *, since: datetime) -> Lines:
        """Search all groups; one that cannot be read is named. Raises Failed if none can be."""
        client = self.target.logs()
        searched = partial(self._searched, client, trace_ids=trace_ids, since=since)
        with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
            groups = list(threads.map(searched, FUNCTIONS))
        unread = {one.function: one.unread for one in groups if one.unread is not None}
        if len(unread) == len(FUNCTIONS) and not any(one.found for one in groups):
            why = next(iter(unread.values()))
            raise Failed(f"no log group can be read: {why}", kind=why.kind, code=UNREACHABLE)
        return Lines(
            found=in_their_order(list(chain.from_iterable(one.found for one in groups))),
            unread={function: str(why) for function, why in unread.items()},
            cut=tuple(one.function for one in groups if one.is_cut),
        )

    def _searched(
        self,
        client: "CloudWatchLogsClient",
        function: str,
        *,
        trace_ids: Sequence[str],
        since: datetime,
    ) -> _Group:
        found: dict[tuple[int, str], LogLine] = {}
        is_cut = False
        for trace_id in trace_ids:
            request: FilterLogEventsRequestTypeDef = {
                "logGroupName": self.target.log_group(function),
                "startTime": int(since.timestamp() * 1000),
                "filterPattern": f'"{trace_id}"',
            }
            try:
                is_cut |= _search(client, request, function, into=found)
            except (ClientError, BotoCoreError) as error:
                read = list(found.values())
                return _Group(function=function, found=read, unread=failure_of(error))
        return _Group(function=function, found=list(found.values()), is_cut=is_cut)


def _search(
    client: "CloudWatchLogsClient",
    request: "FilterLogEventsRequestTypeDef",
    function: str,
    *,
    into: dict[tuple[int, str], LogLine],
) -> bool:
    """Read page by page; return whether there may be more. Raises ClientError, BotoCoreError."""
    for _ in range(PAGES_MAX):
        page = client.filter_log_events(**request)
        for event in page["events"]:
            at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            line = line_of(event["message"], at=at, function=function)
            if line is not None:
                into[event["timestamp"], event["message"]] = line
        token = page.get("nextToken")
        if token is None:
            return False
        if len(into) >= LINES_MAX:
            return True
        request = {**request, "nextToken": token}
    return True
