"""`couponbus watch add`: start watches for earlier customers, from a file."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Annotated, BinaryIO, cast

import typer

from couponbus.domain.errors import QueueUnavailable
from couponbus.domain.issuing.program import Program
from couponbus.events.commands import CUSTOMERS_PER_COMMAND, WatchCustomers, WatchedCustomer
from couponbus.usecases.messages import name_of
from couponbus_cli.app.answer import Answer, visible
from couponbus_cli.app.command import ChosenStage, TenantOption, on_stage
from couponbus_cli.app.failing import ATTENTION, FINE, UNREACHABLE, Failed, Json, failure_of
from couponbus_cli.app.progress import progress
from couponbus_cli.app.world import World
from couponbus_cli.watch.customers_check import Checked, Customers
from couponbus_cli.watch.customers_file import Format, HeaderInvalid, format_of
from couponbus_cli.watch.poll_figures import loads_of
from couponbus_cli.watch.polling import AccountKey

CUSTOMERS_TOGETHER = 10 * CUSTOMERS_PER_COMMAND
IN_MEMORY = 16 * 1024 * 1024
STANDARD_INPUT = Path("-")
AGAIN = "run it again with the same file: it does not change existing watches"


@on_stage
def add(
    stage: ChosenStage,
    *,
    file: Annotated[Path, typer.Argument(help="CSV with a header, or JSON lines; - reads stdin.")],
    program: Annotated[str, typer.Option(help="The program that says what is watched.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="Needed unless the extension is known.")
    ] = None,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Send the good lines, leave the others out.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check and count.")] = False,
    tenant: TenantOption = "default",
) -> Answer:
    """Check every line, then start a watch for each customer; safe to repeat."""
    known = form or format_of(file)
    if known is None:
        raise typer.BadParameter("give --format csv or jsonl: the file's extension is not known")

    if name_of(tenant) is None:
        raise typer.BadParameter("--tenant: needs 1 to 128 visible characters")
    world = stage.open()
    wanted = _watching(program, world)
    with _named(file), _opened(file) as opened:
        customers = Customers(file=opened, form=known, program=wanted)
        checks = customers.check()
        if checks.bad and not skip_invalid:
            raise _refused(file, checks)
        warnings = _warnings(wanted, checks, world)
        for warning in warnings:
            typer.echo(visible(f"Warning: {warning}."), err=True)
        sent = 0
        if not dry_run:
            send = _Sending(world=world, program=program, tenant=tenant, total=checks.good)
            sent = send.all(customers.good())
    return _answer(file, checks, sent=sent, warnings=warnings)


def _warnings(program: Program, checks: Checked, world: World) -> list[str]:
    """Return what an operator should know of the accounts' budgets before anything is sent."""
    added: Counter[AccountKey] = Counter()
    for rule in program.watches:
        added[rule.provider, rule.account] += checks.named[rule.provider]
    return [load.warning for load in loads_of(world, +added) if load.is_too_much]


@dataclass(slots=True, kw_only=True)
class _Sending:
    """Sends `total` customers to the polls queue."""

    world: World
    program: str
    tenant: str
    total: int
    sent: int = 0

    def all(self, customers: Iterable[WatchedCustomer]) -> int:
        """Return how many were sent. Raises Failed that says how many, if not all."""
        with progress("watch add", total=self.total) as advance:
            for some in batched(customers, CUSTOMERS_TOGETHER, strict=False):
                self._send(some)
                advance(len(some))
        return self.sent

    def _send(self, customers: Sequence[WatchedCustomer]) -> None:
        commands = [
            WatchCustomers(program=self.program, tenant=self.tenant, customers=each)
            for each in batched(customers, CUSTOMERS_PER_COMMAND, strict=False)
        ]
        try:
            self.world.polls.send(commands)
        except QueueUnavailable as error:
            sent = f"{self.sent:,} of {self.total:,} customers were sent"
            text = f"{failure_of(error)}; {sent}: {AGAIN}"
            raise Failed(text, kind="unreachable", code=UNREACHABLE) from None
        self.sent += len(customers)


def _watching(name: str, world: World) -> Program:
    found = world.programs.active().named(name)
    if found is None:
        raise Failed(f"there is no program {name}", kind="not_found")
    if not found.watches:
        raise Failed(f"the program {name} watches nothing", kind="invalid_input")
    return found


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open it for reading twice; a pipe is buffered, in memory up to 16 MiB, else on disk."""
    with ExitStack() as stack:
        file = sys.stdin.buffer if path == STANDARD_INPUT else stack.enter_context(path.open("rb"))
        if file.seekable():
            yield file
            return
        kept = stack.enter_context(SpooledTemporaryFile(max_size=IN_MEMORY))
        shutil.copyfileobj(file, kept)
        yield cast("BinaryIO", kept)


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Add the name of the file to its errors."""
    try:
        yield
    except OSError as error:
        text = f"{file} cannot be read: {error.strerror}"
        raise Failed(text, kind="invalid_file") from None
    except HeaderInvalid as invalid:
        raise Failed(f"{file.name}:1: {invalid}", kind="invalid_file") from None


def _refused(file: Path, checks: Checked) -> Failed:
    counts = f"bad lines: {checks.bad:,}, good ones: {checks.good:,}; nothing was sent"
    text = "\n".join([*_lines(file, checks), f"{counts} (--skip-invalid sends the good ones)"])
    return Failed(text, kind="invalid_file", details=_details(checks))


def _answer(file: Path, checks: Checked, *, sent: int, warnings: Sequence[str]) -> Answer:
    data = {
        "file": file.name,
        "good": checks.good,
        "bad": checks.bad,
        "sent": sent,
        "faults": _details(checks),
        "warnings": [*warnings],
    }
    left_out = f", bad lines left out: {checks.bad:,}" if checks.bad else ""
    shown = [*_lines(file, checks), f"Good lines: {checks.good:,}{left_out}; sent: {sent:,}."]
    return Answer(data=data, shown=shown, code=ATTENTION if checks.bad else FINE)


def _lines(file: Path, checks: Checked) -> list[str]:
    more = checks.bad - len(checks.faults)
    named = [f"{file.name}:{fault.line}: {fault.text}" for fault in checks.faults]
    return [*named, *([f"... and {more:,} more"] if more else [])]


def _details(checks: Checked) -> list[Json]:
    return [{"line": fault.line, "text": fault.text} for fault in checks.faults]
