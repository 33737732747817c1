"""Rows that a newer version has written, read by every function's handler of this version.

A newer version was rolled back, or runs beside this one for a while. A row that it has written
in an unknown form is left unchanged, named in the log, and stops nothing else.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from couponbus.aws.ledger.codec import encode
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.usecases.issuing import audit_assembly
from couponbus.usecases.issuing.audit_barcodes import AuditBarcodes
from couponbus.usecases.messages import Message
from couponbus.usecases.outbox import assembly as outbox_assembly
from functions.audit_barcodes.handler import handler as audit_barcodes
from functions.issue_barcodes.handler import handler as issue_barcodes
from functions.sweep_due.handler import handler as sweep_due
from tests import factories
from tests.fakes.queues import MemoryCommands
from tests.functions.invocation import FakeContext, Output
from tests.functions.newer_rows import event_of, failed, named
from tests.integration.aws.ledger.older_items import older
from tests.integration.aws.ledger.table_ledger import TableLedger
from tests.unit.usecases.polling.polling_world import UNIQODO, new_watch
from tests.unit.usecases.world import BRAND, PROGRAM, World, message

pytestmark = pytest.mark.slow

WATCHED = replace(PROGRAM, watches=(UNIQODO,))
HOUR = 3600.0


class TableHarness(World):
    """A world at the real time, because handlers read the real clock."""

    def __init__(self, ledger: TableLedger, *programs: Program) -> None:
        super().__init__(*(programs or (PROGRAM,)), ledger=ledger)
        self.clock.pass_time((datetime.now(UTC) - self.clock.now()).total_seconds())

    def invoke(self, *messages: Message) -> list[str]:
        """Invoke the handler with these, and return the messages that must be redelivered."""
        return failed(issue_barcodes(event_of(*messages), FakeContext(), service=self._assembled()))


def owed(*messages: Message) -> list[Issuance]:
    """Return the issuances of sign-ups, sorted by customer."""
    elsewhere = World()
    elsewhere.handle(*messages, within=30)
    return sorted(elsewhere.issuances, key=lambda one: one.customer_id)


def test_one_issuance_of_next_costs_the_others_of_its_batch_nothing(
    ledger: TableLedger, output: Output
) -> None:
    sign_ups = [message(n, signup_id=f"s-{n}") for n in range(1, 31)]
    strange = owed(sign_ups[16])[0]
    ledger.by_next(replace(strange, revision=4))
    harness = TableHarness(ledger)

    again = [harness.invoke(*sign_ups)]
    asked = named(output)
    again += [harness.invoke(*sign_ups) for _ in range(3)]

    assert again == [["m-s-17"]] * 4
    assert asked == {strange.key}
    assert Counter(harness.states) == {IssuanceState.ISSUED: 29}
    assert [len(post.requests) for post in harness.barcodes.posts] == [29]
    assert Counter(one.attempt for one in harness.issuances) == {1: 29}
    assert ledger.item(strange.key)["state"] == {"S": "SUSPENDED"}


def test_one_watch_of_next_holds_back_its_own_barcode_only(
    ledger: TableLedger, output: Output
) -> None:
    harness = TableHarness(ledger, WATCHED)
    strange = new_watch(user="user-7", now=harness.clock.now())
    ledger.by_next(replace(strange, revision=2))
    sign_ups = [message(n, signup_id=f"s-{n}", uniqodo_user_id=f"user-{n}") for n in range(1, 13)]

    assert harness.invoke(*sign_ups) == []

    assert named(output) == {strange.key}
    assert Counter(harness.states) == {IssuanceState.ISSUED: 11, IssuanceState.REQUESTED: 1}
    harness.publish()
    assert len(harness.published_types) == 11
    for _ in range(5):
        harness.cycle(seconds=400)
    assert Counter(harness.states) == {IssuanceState.ISSUED: 11, IssuanceState.REQUESTED: 1}
    ledger.by_this(strange.key, state="STARTING")
    for _ in range(5):
        harness.cycle(seconds=400)
    assert Counter(harness.states) == {IssuanceState.ISSUED: 12}
    assert len(harness.barcodes.posts) == 1


def test_fields_that_next_has_added_are_no_trouble(ledger: TableLedger, output: Output) -> None:
    harness = TableHarness(ledger)
    (row,) = owed(message())
    waiting = replace(row, state=IssuanceState.PENDING, barcode=None, attempt=0, outcomes=0)
    ledger.put({**encode(replace(waiting, revision=1)), "added_later": {"M": {"x": {"N": "1"}}}})

    assert harness.invoke(message(signup_id="again")) == []

    assert named(output) == set()
    assert harness.states == [IssuanceState.ISSUED]


def test_the_sweeper_hands_over_the_others_and_names_what_it_cannot_read(
    ledger: TableLedger, output: Output
) -> None:
    harness = TableHarness(ledger)
    now = harness.clock.now()
    rows = [
        replace(factories.any_issuance(), account=BRAND, due_at=now - timedelta(minutes=5)).written(
            "before"
        )
        for _ in range(4)
    ]
    strange, unknown, *others = rows
    for row in others:
        ledger.rows[row.key] = row
    ledger.by_next(strange)
    ledger.put({**encode(unknown), "pk": {"S": "VOUCHER#1"}})
    sweeper = outbox_assembly.sweep_due(
        harness.base,
        bus=harness.bus,
        commands=harness.commands,
        polls=harness.polls,
        redeliveries=MemoryCommands(),
        limiter=harness.limiter,
        accounts=harness.accounts,
    )

    counts = sweep_due({}, FakeContext(), service=sweeper)

    assert (counts["Enqueued"], counts["BrokenRows"], counts["Failed"]) == (2, 2, 2)
    assert named(output) == {strange.key, "VOUCHER#1"}


def test_the_audit_goes_on_past_an_issuance_of_next(ledger: TableLedger, output: Output) -> None:
    harness = TableHarness(ledger)
    harness.invoke(*(message(n, signup_id=f"s-{n}") for n in range(1, 6)))
    strange = harness.issuances[0]
    ledger.by_next(strange)
    output.read()

    counts = audit_barcodes({}, FakeContext(), service=_auditor(harness))

    assert counts["BrokenRows"] == 1
    (alarm,) = (line for line in output.read().logs if line["level"] == "ERROR")
    assert alarm["unreadable"] == [strange.key]


def _auditor(harness: TableHarness) -> AuditBarcodes:
    return audit_assembly.audit_barcodes(
        harness.base, barcodes=harness.barcodes, limiter=harness.limiter, accounts=harness.accounts
    )


def test_what_the_version_before_has_requested_is_issued_and_published_by_this_one(
    ledger: TableLedger, output: Output
) -> None:
    harness = TableHarness(ledger)
    (row,) = owed(message())
    waiting = replace(row, state=IssuanceState.PENDING, barcode=None, attempt=0, outcomes=0)
    ledger.put(older(replace(waiting, revision=1)))

    assert harness.invoke(message(signup_id="again")) == []
    harness.publish()

    assert named(output) == set()
    assert (harness.states, harness.issuance.trace_id) == ([IssuanceState.ISSUED], None)
    assert [event.metadata.trace_id for event in harness.bus.events] == [None]
