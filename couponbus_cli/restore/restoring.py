"""The steps of a restore, each refused when it comes too early."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.restore import RESTORE_KEY, Restore, restore_of
from couponbus.domain.webhooks.endpoint import endpoint_key
from couponbus.usecases.issuing.last_restore import MARK_FRESH_FOR
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.park_deliveries import ParkingDeliveries
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import moment
from couponbus_cli.app.triggers import OFF, Trigger
from couponbus_cli.app.world import World
from couponbus_cli.restore.lost_table import ACTIVE, Protection

LONGEST_INVOCATION = timedelta(seconds=60)  # of issue_barcodes, the only one that issues


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The restore mark, and the triggers that were disabled."""

    restore: Restore
    triggers: Sequence[Trigger]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaking:
    """The mark of the table that was made again, and what it lacked.

    `outdated` says that it lacks the last hours of the deleted one, too.
    """

    restore: Restore
    completed: Sequence[str]
    outdated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The enabled triggers, and what cannot be resumed.

    `not_resumed` are endpoints with parked deliveries, `not_due` claimed issuances.
    """

    triggers: Sequence[Trigger]
    not_resumed: Set[str]
    not_due: Set[str]


def mark_of(world: World) -> Restore | None:
    """Return the mark of the last restore. Raises LedgerUnavailable."""
    row = world.rows.read([RESTORE_KEY]).get(RESTORE_KEY)
    return row if isinstance(row, Restore) else None


def open_mark(world: World) -> Restore:
    """Return the mark of the restore under way. Raises Failed, LedgerUnavailable."""
    mark = mark_of(world)
    if mark is None or mark.done_at is not None:
        raise Failed("no restore is under way: begin one first", kind="not_begun")
    return mark


def stopped(to: datetime, *, lasting: timedelta, world: World) -> Stopped:
    """Stop the workers, then mark the table; running invocations end within `lasting`.

    Raises ClientError, BotoCoreError, Failed, LedgerUnavailable.
    """
    if to >= world.clock.now():
        raise Failed("--to is not in the past: give the time to restore to", kind="too_late")
    triggers = world.triggers.stop()
    at = world.clock.now() + lasting
    before = mark_of(world)
    mark = (
        restore_of(to=to, at=at) if before is None else before.begun_again(to=to, at=at)
    ).written(world.ids.new())
    _write(mark, world)
    return Stopped(restore=mark, triggers=triggers)


def remade(
    backup: str | None, *, protection: Protection, lasting: timedelta, world: World
) -> Remaking:
    """Stop the workers, make the lost table again, complete it, and mark it; may be repeated.

    Raises ClientError, BotoCoreError, Failed, LedgerUnavailable.
    """
    world.triggers.stop()
    if world.lost.remade() is None:
        world.lost.restore(backup)
    table = world.lost.remade()
    if table is None or table.status != ACTIVE:
        text = "DynamoDB restores the table, which can take hours: repeat this until it is there"
        raise Failed(text, kind="too_early")
    completed = world.lost.complete(protection)
    mark = stopped(table.to, lasting=lasting, world=world).restore
    return Remaking(restore=mark, completed=completed, outdated=table.outdated)


def require_still(world: World) -> Restore:
    """Return the mark if no worker runs. Raises ClientError, BotoCoreError, Failed."""
    mark = open_mark(world)
    running = [each.name for each in world.triggers.all() if each.state != OFF]
    if running:
        text = f"workers run: {', '.join(running)}; stop them with `couponbus restore begin`"
        raise Failed(text, kind="workers_run")
    _require_past(mark.at, "the last invocations may run", world)
    return mark


def leap_of(mark: Restore) -> int:
    """Return by how much this restore raises revisions: more than any row ever had."""
    return int(mark.at.timestamp())


def started(world: World) -> Started:
    """Start the workers. Raises ClientError, BotoCoreError, Failed, LedgerUnavailable."""
    _require_past(
        open_mark(world).at + MARK_FRESH_FOR, "workers may not know of the restore", world
    )
    not_due = _resume_claims(world)
    not_resumed = _resume_parked(world)
    return Started(triggers=world.triggers.start(), not_resumed=not_resumed, not_due=not_due)


def _resume_claims(world: World) -> Set[str]:
    """Make each claimed issuance due itself; returns the keys of those that cannot be.

    Its worker has ended, and its batch may be gone: row and batch may be restored from different
    times, and a copy leaves a newer batch that is closed already.
    """
    store = Store(ledger=world.rows, ids=world.ids, clock=world.clock)
    rows = store.read(world.scan.left_to_batches())
    now = world.clock.now()
    claimed = rows.of(Issuance)
    return rows.broken | store.write([one.handed_over(until=now) for one in claimed]).broken


def _resume_parked(world: World) -> Set[str]:
    """Make each endpoint's row due that resumes parked deliveries; returns failed endpoints.

    Row and deliveries may be restored from different times: it may rest while some are parked.
    """
    parking = ParkingDeliveries(store=Store(ledger=world.rows, ids=world.ids, clock=world.clock))
    endpoints = [key.removeprefix(endpoint_key("")) for key in world.scan.endpoints()]
    return parking.expect(dict.fromkeys(endpoints, world.clock.now()))


def finished(world: World) -> Restore:
    """Mark the restore as done. Raises Failed, LedgerUnavailable."""
    mark = open_mark(world).done(now=world.clock.now()).written(world.ids.new())
    _write(mark, world)
    return mark


def _write(mark: Restore, world: World) -> None:
    if world.rows.write([mark]):
        raise Failed(
            "another operator changed the restore mark meanwhile: check it again", kind="conflict"
        )


def _require_past(at: datetime, why: str, world: World) -> None:
    if world.clock.now() < at:
        raise Failed(f"{why} until {moment(at)}: repeat this then", kind="too_early")
