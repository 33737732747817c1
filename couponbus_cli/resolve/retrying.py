"""Retry refused issuances: one by its id, or all of a reason and a span of time."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import ProgramsInForce
from couponbus.domain.issuing.reopening import may_reopen, retried
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.usecases.store import Store
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.confirming import Confirm, require
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import count
from couponbus_cli.app.unreadable import report_unreadable
from couponbus_cli.app.world import World

PAGE = 100
STAY = "rows, or cannot store them; they are left unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Selects refusals for `reason` from `since` to before `until`; None is any."""

    reason: str
    since: datetime
    until: datetime
    program: str | None
    account: str | None

    def has(self, row: Issuance | Resolution) -> bool:
        """Whether a row is selected."""
        return (
            row.reason == self.reason
            and row.decided_at is not None
            and self.since <= row.decided_at < self.until
            and self.program in (None, row.program)
            and self.account in (None, row.account)
        )


@dataclass(slots=True)
class Counted:
    """How many can be retried, by the program that matches now, and why the others cannot.

    `broken` has the keys of rows that cannot be read or stored.
    """

    programs: Counter[str] = field(default_factory=Counter)
    unsettled: int = 0
    unpublished: int = 0
    unwanted: int = 0
    sign_ups: int = 0
    broken: set[str] = field(default_factory=set)

    @property
    def retryable(self) -> int:
        """How many can be retried."""
        return self.programs.total()


def retried_one(row: Issuance, *, why: str, confirm: Confirm, world: World) -> Answer:
    """Retry it with an optimistic lock on the revision that was read. Raises Failed."""
    _require_retryable(row)
    programs = world.programs.active()
    report_unreadable("programs", programs.unreadable)
    program = program_for(row, programs)
    if program is None:
        text = (
            f"no program in force issues the offer {row.offer_id} of the account {row.account}, or"
            f" several do and none is called {row.program}; see `couponbus programs list`"
        )
        raise Failed(text, kind="not_allowed")
    require(confirm, f"request the barcode of customer {row.customer_id} at Coniq again")
    after = retried(row, program=program, now=world.clock.now(), why=why)
    if world.rows.write([after.written(world.ids.new())]):
        raise Failed("it was changed meanwhile: check it again", kind="conflict")
    data = {"issuance_id": row.issuance_id, "state": after.state.value, "reason": why}
    first = "looked up, and requested unless it is found," if after.attempt else "requested"
    return Answer(data=data, shown=[f"{row.issuance_id} is {first} within a minute or two."])


def retried_all(refused: Refused, *, dry_run: bool, confirm: Confirm, world: World) -> Answer:
    """Count, ask, and retry page by page; retried rows are not selected again. Raises Failed."""
    keys = world.scan.refused(refused.reason)
    programs = world.programs.active()
    report_unreadable("programs", programs.unreadable)
    counted = Counted()
    for row in _rows(keys, refused, world, broken=counted.broken):
        _note(row, programs, counted)
    done = 0
    if counted.retryable and not dry_run:
        barcodes = count(counted.retryable, "barcode")
        require(confirm, f"request {barcodes} at Coniq again, unless they exist there already")
        done = _retried(keys, refused, programs, world, broken=counted.broken)
    report_unreadable(STAY, counted.broken)
    data = {
        "reason": refused.reason,
        "retryable": counted.retryable,
        "programs": dict(counted.programs),
        "unsettled": counted.unsettled,
        "unpublished": counted.unpublished,
        "unwanted": counted.unwanted,
        "sign_ups": counted.sign_ups,
        "unreadable": sorted(counted.broken),
        "retried": done,
    }
    return Answer(data=data, shown=_shown(refused, counted, done, dry_run=dry_run))


def program_for(row: Issuance, programs: ProgramsInForce) -> str | None:
    """Return the program to retry it for: its own, or the only one of its account and offer."""
    if row.program in programs.unreadable:
        return None  # it exists, but cannot be read
    fitting = [
        program.name
        for program in programs.readable
        if (program.account, program.offer_id) == (row.account, row.offer_id)
    ]
    if row.program in fitting:
        return row.program
    return fitting[0] if len(fitting) == 1 else None


def _require_retryable(row: Issuance) -> None:
    if row.state is IssuanceState.AMBIGUOUS and not may_reopen(row):
        text = (
            f"{row.issuance_id} is AMBIGUOUS ({row.reason}): Coniq may have a barcode for it. Use"
            " --choose LAST4 or --reissue"
        )
        raise Failed(text, kind="not_allowed")
    if not may_reopen(row):
        text = f"{row.issuance_id} is {row.state}; only what was refused can be retried"
        raise Failed(text, kind="not_allowed")
    if row.unpublished:
        text = f"the refusal of {row.issuance_id} is not published yet; try again in a minute"
        raise Failed(text, kind="not_allowed")


def _rows(
    keys: Sequence[str], refused: Refused, world: World, *, broken: set[str]
) -> Iterator[Issuance | Resolution]:
    """Yield the selected rows, as they are stored now. Raises LedgerUnavailable."""
    for page in batched(keys, PAGE, strict=False):
        rows = world.rows.read(page)
        broken.update(rows.broken)
        for row in rows.values():
            if isinstance(row, Issuance | Resolution) and _is_over(row) and refused.has(row):
                yield row


def _is_over(row: Issuance | Resolution) -> bool:
    return row.is_final if isinstance(row, Issuance) else row.state is ResolutionState.REFUSED


def _note(row: Issuance | Resolution, programs: ProgramsInForce, counted: Counted) -> None:
    if isinstance(row, Resolution):
        counted.sign_ups += 1
        return
    name = program_for(row, programs)
    if not may_reopen(row):
        counted.unsettled += 1
    elif row.unpublished:
        counted.unpublished += 1
    elif name is None:
        counted.unwanted += 1
    else:
        counted.programs[name] += 1


def _retried(
    keys: Sequence[str],
    refused: Refused,
    programs: ProgramsInForce,
    world: World,
    *,
    broken: set[str],
) -> int:
    """Retry rows that can still be retried; returns their number. Raises LedgerUnavailable."""
    store = Store(ledger=world.rows, ids=world.ids, clock=world.clock)
    done = 0
    rows = _rows(keys, refused, world, broken=broken)
    for page in batched(rows, PAGE, strict=False):
        now = world.clock.now()
        again = [
            retried(row, program=name, now=now, why=f"after {refused.reason}")
            for row in page
            if isinstance(row, Issuance)
            and may_reopen(row)
            and not row.unpublished
            and (name := program_for(row, programs)) is not None
        ]
        stored = store.write(again)
        broken.update(stored.broken)
        done += len(stored.written)
    return done


def _shown(refused: Refused, counted: Counted, done: int, *, dry_run: bool) -> list[str]:
    met = count(counted.retryable, "issuance", "issuances")
    text = f"{met} refused as {refused.reason} can be retried."
    if done:
        text += f" {done} are, within a minute or two; those sent before are looked up first."
    elif counted.retryable and dry_run:
        text += " Nothing was changed: repeat it without --dry-run."
    left: Mapping[str, int] = {
        "{} AMBIGUOUS: Coniq may have a barcode; see `couponbus why`": counted.unsettled,
        "{} whose refusal is not published yet: try again in a minute": counted.unpublished,
        "{} of no program in force, or of several: see `couponbus programs list`": counted.unwanted,
        "{} that waited for a customer id, whose e-mail is deleted: their producers must send the"
        " sign-ups again, under another sign-up id": counted.sign_ups,
    }
    return [
        text,
        *(f"  {name}: {number}" for name, number in sorted(counted.programs.items())),
        *(f"Left out: {sentence.format(number)}" for sentence, number in left.items() if number),
    ]
