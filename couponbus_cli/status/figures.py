"""The facts of a stage, each part its value or the reason why it could not be read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from couponbus.aws.ledger.report import Backlogged, Due
from couponbus.domain.issuing.restore import Restore
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus_cli.app.queues import Depth
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.triggers import Trigger
from couponbus_cli.endpoints import webhook_health
from couponbus_cli.status.account_figures import AccountFigures
from couponbus_cli.status.audit_figures import AuditFigures
from couponbus_cli.status.measured import Alarms, Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Stands where a part could not be read; `why` is a sentence for the operator."""

    why: str


type Part[Value] = Value | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """The ids of ambiguous issuances, the first of them where there are `more`."""

    ids: Sequence[str] = ()
    more: bool = False

    @property
    def shown(self) -> str:
        """How many there are, in words."""
        return f"{len(self.ids):,}{'+' if self.more else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Those that are not removed, the first of them where there are `more`.

    `broken` are ids of rows that this version cannot read.
    """

    readable: Sequence[Endpoint] = ()
    broken: Sequence[str] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Of undecided rows at the heads of their backlogs: since when each waits, by id.

    `since` has the first step of the trail of issuances, `unproven` the rows whose look-ups prove
    nothing, `failing` those that wait for look-ups which fail, `first_polls` the watches of
    sign-ups that were never polled. `broken` are keys of rows that this version cannot read.
    """

    since: Mapping[str, datetime]
    unproven: Mapping[str, datetime]
    failing: Mapping[str, datetime]
    first_polls: Mapping[str, datetime]
    broken: Sequence[str] = ()

    @property
    def oldest(self) -> datetime | None:
        """Since when the longest one waits."""
        return min(self.since.values(), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The unmatched sign-ups that are kept, of the hours that were looked at."""

    number: int
    more: bool = False

    @property
    def shown(self) -> str:
        """How many there are, in words."""
        return f"{self.number:,}{'+' if self.more else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that `couponbus status` and `couponbus page` show, read at `at`.

    `backlogs` are those of the sweeper: outbox, issuing, lookups, polls, retries.
    `strangers` are the accounts that programs name and the stage is not deployed with, each as
    `provider/name`. `counts` is None unless it was asked for. `needs` are sentences for an
    operator, each with the command to use.
    """

    stage: Stage
    at: datetime
    ambiguous: Part[Ambiguous]
    endpoints: Part[Endpoints]
    backlogs: Part[Mapping[str, Backlogged]]
    waiting: Part[Waiting]
    unmatched: Part[Kept]
    queues: Part[Sequence[Depth]]
    accounts: Part[Sequence[AccountFigures]]
    planned_until: Part[datetime | None]
    audit: Part[AuditFigures]
    restore: Part[Restore | None]
    workers: Part[Sequence[Trigger]]
    strangers: Part[Sequence[str]]
    alarms: Part[Alarms]
    rates: Part[Rates]
    counts: Part[Mapping[str, Mapping[str, int]] | None] = None
    needs: Sequence[str] = ()

    @property
    def unread(self) -> Mapping[str, str]:
        """Return why, by the name of each part that could not be read."""
        return dict(self._unread())

    @property
    def is_well(self) -> bool:
        """Whether nothing needs an operator, and everything could be read."""
        return not self.needs and not self.unread

    @property
    def oldest_due(self) -> Part[Due | None]:
        """The row that is due first, past or future."""
        if isinstance(self.backlogs, Unread):
            return self.backlogs
        first = [due for each in self.backlogs.values() for due in each.first[:1]]
        return min(first, key=lambda due: (due.due_at, due.key), default=None)

    def data(self) -> dict[str, object]:
        """Return them with stable keys; a part that could not be read is an object `unread`.

        `more` names those of which there are more than were looked at.
        """
        return {
            "stage": self.stage,
            "at": self.at.isoformat(),
            "well": self.is_well,
            "attention": [*self.needs],
            "unread": self.unread,
            "more": [*self._cut()],
            "counts": _data(self.counts, lambda counts: counts),
            "oldest_due": _data(self.oldest_due, _due_data),
            "unpublished": _data(self.backlogs, lambda all_: all_["outbox"].rows),
            "backlogs": _data(self.backlogs, _backlog_data),
            "ambiguous": _data(self.ambiguous, lambda found: [*found.ids]),
            "waiting_since": _data(self.waiting, lambda found: _text(found.oldest)),
            "unproven": _data(self.waiting, lambda found: _texts(found.unproven)),
            "failing_look_ups": _data(self.waiting, lambda found: _texts(found.failing)),
            "late_first_polls": _data(self.waiting, lambda found: _texts(found.first_polls)),
            "unmatched": _data(self.unmatched, lambda found: found.number),
            "queues": _data(self.queues, _queue_data),
            "issuing": _data(
                self.accounts, lambda all_: [one.data() for one in all_ if one.polled is None]
            ),
            "polling": {
                "done_until": _data(self.planned_until, _text),
                "lag_seconds": _data(self.planned_until, self._lag),
                "accounts": _data(
                    self.accounts, lambda all_: [one.data() for one in all_ if one.polled]
                ),
            },
            "endpoints": _data(
                self.endpoints, lambda found: webhook_health.data_of(found.readable)
            ),
            "unreadable_endpoints": _data(self.endpoints, lambda found: [*found.broken]),
            "audit": _data(self.audit, lambda figures: figures.data()),
            "restored_to": _data(self.restore, _restored_data),
            "workers": _data(self.workers, lambda all_: {one.name: one.state for one in all_}),
            "unknown_accounts": _data(self.strangers, lambda names: [*names]),
            "alarms": _data(self.alarms, lambda found: [one.data() for one in found.ringing]),
            "rates": _data(self.rates, lambda rates: rates.data()),
        }

    def _lag(self, done: datetime | None) -> float | None:
        return None if done is None else max((self.at - done).total_seconds(), 0.0)

    def _cut(self) -> Iterator[str]:
        """Yield the names of the figures that are not all: each was bounded."""
        backlogs = self.backlogs
        outbox = backlogs if isinstance(backlogs, Unread) else backlogs["outbox"]
        found = {
            "unpublished": outbox,
            "ambiguous": self.ambiguous,
            "unmatched": self.unmatched,
            "endpoints": self.endpoints,
        }
        for name, each in found.items():
            if not isinstance(each, Unread) and each.more:
                yield name

    def _unread(self) -> Iterator[tuple[str, str]]:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Unread):
                yield each.name, value.why


def _data[Value](part: Part[Value], of: Callable[[Value], object]) -> object:
    return {"unread": part.why} if isinstance(part, Unread) else of(part)


def _due_data(due: Due | None) -> dict[str, object] | None:
    return None if due is None else {"key": due.key, "due_at": due.due_at.isoformat()}


def _backlog_data(backlogs: Mapping[str, Backlogged]) -> dict[str, object]:
    return {
        name: {"rows": each.rows, "more": each.more, "oldest_due_at": _text(each.oldest)}
        for name, each in backlogs.items()
    }


def _restored_data(mark: Restore | None) -> str | None:
    return None if mark is None or mark.done_at is not None else mark.to.isoformat()


def _queue_data(depths: Sequence[Depth]) -> dict[str, object]:
    return {each.queue: {"visible": each.visible, "in_flight": each.in_flight} for each in depths}


def _texts(moments: Mapping[str, datetime]) -> dict[str, str]:
    return {key: at.isoformat() for key, at in moments.items()}


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
