"""Read the facts of a stage: no scan, and a bounded number of calls, whatever the table holds."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import cast

from couponbus.aws.ledger.report import Backlogged
from couponbus.domain.issuing.audit_progress import AUDIT_KEY, AuditProgress
from couponbus.domain.issuing.program import ProgramsInForce
from couponbus.domain.issuing.restore import RESTORE_KEY, Restore
from couponbus.domain.outbox.backlog import TO_AUDIT, Attention, Backlog
from couponbus.domain.row import Row, Rows
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus_cli.app.failing import NO_ACCESS, UNREACHABLE, Failed, failure_of
from couponbus_cli.app.world import World
from couponbus_cli.programs.accounts import named_accounts
from couponbus_cli.status.account_figures import CONIQ, AccountFigures
from couponbus_cli.status.audit_figures import AuditFigures
from couponbus_cli.status.figures import Ambiguous, Endpoints, Facts, Kept, Part, Unread
from couponbus_cli.status.health import needs_of
from couponbus_cli.status.waiting import waiting_in
from couponbus_cli.watch.poll_figures import poll_figures

THREADS = 8
AMBIGUOUS_MAX = 100
ENDPOINTS_MAX = 200
KEPT_MAX = 1000
EARLIER_MAX = 1  # hours with unmatched sign-ups, beside the last two
HOUR = timedelta(hours=1)
LOOKED_AT = frozenset({Backlog.ISSUING, Backlog.LOOKUPS, Backlog.POLLS})  # the rows at their heads
ON_INDEX = "dynamodb:Query on the index {} of the table"
ON_TABLE = "dynamodb:GetItem, BatchGetItem and Query on the table"
OF_STACK = "cloudformation:GetTemplate on the stack of the functions"
OF_QUEUES = "sqs:GetQueueUrl and GetQueueAttributes on the queues"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Accounts:
    all: Sequence[AccountFigures]
    planned_until: datetime | None


@dataclass(frozen=True)
class _Reader:
    """Reads each part by itself, side by side."""

    world: World
    threads: ThreadPoolExecutor

    def __call__[Value](self, read: Callable[[World], Value], *, right: str) -> Future[Part[Value]]:
        """Begin to read a part, for which the operator needs a right."""
        return self.threads.submit(lambda: part_of(lambda: read(self.world), right=right))


def read_facts(world: World) -> Facts:
    """Read everything; a part that fails says why, and the others are there all the same.

    Raises Failed when nothing of the stage can be reached.
    """
    with ThreadPoolExecutor(max_workers=THREADS) as threads:
        read = _Reader(world, threads)
        ambiguous = read(_ambiguous, right=ON_INDEX.format("attention"))
        endpoints = read(_endpoints, right=ON_INDEX.format("attention") + ", and BatchGetItem")
        heads = read(lambda world: world.report.backlogs(), right=ON_INDEX.format("due"))
        accounts = read(_accounts, right=f"{OF_STACK}, and {ON_TABLE}")
        programs = read(lambda world: world.programs.active(), right=ON_TABLE)
        queues = read(lambda world: world.queues.depths(), right=OF_QUEUES)
        unmatched = read(_unmatched, right=ON_INDEX.format("history"))
        workers = read(lambda world: world.triggers.all(), right="lambda:ListEventSourceMappings")
        alarms = read(lambda world: world.measured.alarms(), right="cloudwatch:DescribeAlarms")
        rates = read(
            lambda world: world.measured.rates(world.clock.now()), right="cloudwatch:GetMetricData"
        )
        backlogs = heads.result()
        rows = read(lambda world: _rows(backlogs, world), right=ON_TABLE).result()
    found = accounts.result()
    facts = Facts(
        stage=world.stage,
        at=world.clock.now(),
        ambiguous=ambiguous.result(),
        endpoints=endpoints.result(),
        backlogs=_of(backlogs, _swept),
        waiting=_of(_both(backlogs, rows), lambda both: waiting_in(both[1])),
        unmatched=unmatched.result(),
        queues=queues.result(),
        accounts=_of(found, lambda found: found.all),
        planned_until=_of(found, lambda found: found.planned_until),
        audit=_of(_both(backlogs, rows), _audit),
        restore=_of(rows, _restore),
        workers=workers.result(),
        strangers=_of(_both(programs.result(), found), _strangers),
        alarms=alarms.result(),
        rates=rates.result(),
    )
    _require_reached(facts)
    return replace(facts, needs=needs_of(facts))


def part_of[Value](read: Callable[[], Value], *, right: str) -> Part[Value]:
    """Return what is read, or why it could not be, and which right that takes if it was denied."""
    try:
        return read()
    except Exception as error:
        failed = failure_of(error)
        if failed is None:  # a fault of ours
            raise
        denied = str(failed).startswith(NO_ACCESS.partition(" (")[0])
        return Unread(why=f"{failed}; needed: {right}" if denied else str(failed))


def _of[Value, Result](part: Part[Value], of: Callable[[Value], Result]) -> Part[Result]:
    return part if isinstance(part, Unread) else part_of(lambda: of(part), right="")


def _both[One, Other](one: Part[One], other: Part[Other]) -> Part[tuple[One, Other]]:
    if isinstance(one, Unread):
        return one
    return other if isinstance(other, Unread) else (one, other)


def _require_reached(facts: Facts) -> None:
    """Raise Failed when neither table, queues nor functions answer: then it is not the rights."""
    parts = (facts.backlogs, facts.queues, facts.accounts)
    if all(isinstance(part, Unread) for part in parts):
        why = cast("Unread", facts.backlogs).why
        raise Failed(why, kind="unreachable", code=UNREACHABLE)


def _ambiguous(world: World) -> Ambiguous:
    keys = world.rows.attention(Attention.AMBIGUOUS, limit=AMBIGUOUS_MAX + 1)
    ids = sorted(key.partition("#")[2] for key in keys)
    return Ambiguous(ids=ids[:AMBIGUOUS_MAX], more=len(ids) > AMBIGUOUS_MAX)


def _endpoints(world: World) -> Endpoints:
    keys = world.rows.attention(Attention.ENDPOINTS, limit=ENDPOINTS_MAX + 1)
    looked_at = sorted(keys)[:ENDPOINTS_MAX]
    rows = world.rows.read(looked_at) if looked_at else Rows({})
    broken = sorted(key.partition("#")[2] for key in rows.broken)
    return Endpoints(readable=rows.of(Endpoint), broken=broken, more=len(keys) > len(looked_at))


def _accounts(world: World) -> _Accounts:
    now, polls = world.clock.now(), poll_figures(world)
    issuing = [
        AccountFigures(provider=CONIQ, name=name, pace=world.issuing.pace(name), at=now)
        for name in sorted(world.deployment.accounts())
    ]
    polled = [
        AccountFigures(provider=one.provider, name=one.name, pace=one.pace, at=now, polled=one)
        for one in polls.accounts
    ]
    return _Accounts(all=[*issuing, *polled], planned_until=polls.done_until)


def _unmatched(world: World) -> Kept:
    """Count those of the newest hours that have any: rematching goes over all hours anyway."""
    hour = world.clock.now().replace(minute=0, second=0, microsecond=0)
    earlier = (each for each in _hours_with_unmatched(world) if each < hour - HOUR)
    spans = [(hour - HOUR, hour + HOUR)]
    spans += [(each, each + HOUR) for each in sorted(earlier)[-EARLIER_MAX:]]
    kept = (key for since, until in spans for key in world.unmatched.kept(since=since, until=until))
    number = sum(1 for _ in islice(kept, KEPT_MAX))
    return Kept(number=number, more=next(kept, None) is not None)


def _hours_with_unmatched(world: World) -> Sequence[datetime]:
    """Return the hours of the last days, none where the metrics cannot be read."""
    found = part_of(lambda: world.measured.hours_with_unmatched(world.clock.now()), right="")
    return () if isinstance(found, Unread) else found


def _rows(backlogs: Part[Mapping[str, Backlogged]], world: World) -> Rows:
    heads = {} if isinstance(backlogs, Unread) else backlogs
    undecided = [head for name, head in heads.items() if name in LOOKED_AT]
    first = [due.key for head in undecided for due in head.first]
    return world.rows.read([*first, AUDIT_KEY, RESTORE_KEY])


def _swept(backlogs: Mapping[str, Backlogged]) -> Mapping[str, Backlogged]:
    return {each.name.lower(): backlogs[each] for each in Backlog}


def _audit(found: tuple[Mapping[str, Backlogged], Rows]) -> AuditFigures:
    backlogs, rows = found
    progress = rows.get(AUDIT_KEY)
    return AuditFigures(
        progress=progress if isinstance(progress, AuditProgress) else None,
        waiting=backlogs[TO_AUDIT],
    )


def _restore(rows: Rows) -> Restore | None:
    row: Row | None = rows.get(RESTORE_KEY)
    return row if isinstance(row, Restore) else None


def _strangers(found: tuple[ProgramsInForce, _Accounts]) -> Sequence[str]:
    programs, accounts = found
    deployed = {f"{one.provider}/{one.name}" for one in accounts.all}
    return sorted(set(named_accounts(programs.readable)) - deployed)
