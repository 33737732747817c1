"""`couponbus why` in a small and a large table: which calls, how many rows, how much CPU?

`python -m tests.benchmarks.why` asks a stage in moto with 10,000 sign-ups, then with 100,000: what
is the same in both is the same for a million. The CPU is that of the command, without moto, which
walks over the whole table for a query of an index.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import botocore.handlers
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from couponbus.aws.ledger.codec import encode
from couponbus.domain.issuing.program import Program
from couponbus.domain.row import Row
from couponbus_cli.app.stage import Stage
from tests.architecture.test_command_budgets import refusing_stage, started
from tests.benchmarks.polling.crowd import evenly, groups, registered
from tests.factories import any_program
from tests.unit.cli.moto import Deployed, a_deployed_stage
from tests.unit.cli.rows import an_issuance, issued
from tests.unit.cli.watches import an_active_watch

SIZES = (10_000, 100_000)
REGION = "eu-west-1"
ASKED = 7  # the number of the customer that is asked for
TIMES = 3


@dataclass(slots=True)
class Reads:
    """What the calls of one question read; `seconds` of CPU passed outside of the command."""

    calls: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    outside: float = 0.0
    _since: float = 0.0

    def leave(self, **_: object) -> None:
        """Note that a call leaves the command."""
        self._since = time.process_time()

    def enter(self, **_: object) -> None:
        """Note that its answer comes back."""
        self.outside += time.process_time() - self._since

    def note(self, parsed: Mapping[str, Any], model: Any, **_: object) -> None:
        """Count what was answered: of a query also the rows that it looked at."""
        self.calls[model.name] += 1
        found = sum(map(len, parsed.get("Responses", {}).values()))
        self.rows += found + parsed.get("ScannedCount", 0) + ("Item" in parsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, and what it took."""

    sign_ups: int
    question: str
    calls: Mapping[str, int]
    rows: int
    cpu: float


def measured(sizes: Sequence[int], *, times: int) -> Iterator[Asked]:
    """Fill a stage to each size in turn, and ask the same questions."""
    with _watched() as reads, pytest.MonkeyPatch.context() as patch, a_deployed_stage(patch) as dev:
        program = replace(any_program(), watches=())
        dev.open(Stage("dev")).programs.put(program)
        for before, size in pairwise((0, *sizes)):
            _fill(range(before, size), program)
            for question in _questions(program):
                yield _asked(question, dev, reads, sign_ups=size, times=times)


@contextmanager
def _watched() -> Iterator[Reads]:
    """Watch the calls of all clients that are made meanwhile; moto answers between two hooks.

    Sessions that are made meanwhile keep the hooks, and may outlive the watching.
    """
    reads, handlers = Reads(), botocore.handlers.BUILTIN_HANDLERS
    watching = Event()
    watching.set()

    def only_while_watching(hook: Callable[..., None]) -> Callable[..., None]:
        return lambda **given: hook(**given) if watching.is_set() else None

    before = [*handlers]
    handlers[:] = [
        ("before-send", only_while_watching(reads.leave)),
        *before,
        ("before-send", only_while_watching(reads.enter)),
        ("after-call", only_while_watching(reads.note)),
    ]
    try:
        yield reads
    finally:
        handlers[:] = before
        watching.clear()


def _rows(customer: int, program: Program) -> Iterator[Row]:
    row = replace(an_issuance(program, customer_id=customer), signup_id=f"sign-up-{customer}")
    yield replace(issued(row), published=1, published_at=datetime.now(UTC), due_at=None)
    yield replace(an_active_watch(f"user-{customer}", signup_id=row.signup_id), due_at=None)


def _fill(customers: range, program: Program) -> None:
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables["couponbus-dev"]
    for day in registered(evenly(customers.stop, groups=groups(1), now=datetime.now(UTC))):
        table.put_item(day)
    for customer in customers:
        for row in _rows(customer, program):
            table.put_item(encode(row.written("test")))


def _questions(program: Program) -> Sequence[str]:
    [issuance, _] = _rows(ASKED, program)
    tracking_code = issuance.tracking_code  # type: ignore[attr-defined]
    return (str(ASKED), f"sign-up-{ASKED}", tracking_code, "sign-up-that-never-came")


def _asked(question: str, dev: Deployed, reads: Reads, *, sign_ups: int, times: int) -> Asked:
    spent = []
    for _ in range(times):
        reads.calls.clear()
        reads.rows, reads.outside = 0, 0.0
        began = time.process_time()
        code, shown = dev.run("why", question)
        spent.append(time.process_time() - began - reads.outside)
        assert code in (0, 1), shown
    return Asked(
        sign_ups=sign_ups,
        question=question,
        calls=dict(reads.calls),
        rows=reads.rows,
        cpu=min(spent),
    )


def _start() -> float:
    """Return the seconds of CPU of the command's process, up to the first answer of a stage."""
    with tempfile.TemporaryDirectory() as folder, refusing_stage(Path(folder)):
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        started("why ada", folder=Path(folder))
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def main() -> None:
    """Print a line for each question and size."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.why", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    start = min(_start() for _ in range(TIMES)) * 1000
    sys.stdout.write(f"from the start of the command to its first call: {start:.0f} ms of CPU\n")
    sys.stdout.write("sign-ups | asked for | calls | rows read | ms of CPU, best of three\n")
    for one in measured(sizes, times=TIMES):
        calls = ", ".join(f"{count} {name}" for name, count in sorted(one.calls.items()))
        line = f"{one.sign_ups} | {one.question} | {calls} | {one.rows} | {one.cpu * 1000:.0f}\n"
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
