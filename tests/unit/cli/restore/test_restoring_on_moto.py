"""Restored tables and triggers, with the real adapters."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import cast

import boto3
import pytest

from couponbus.aws.ledger.codec import encode
from couponbus.domain.braking import braked, resumed
from couponbus.domain.copying import replace
from couponbus.domain.issuing.restore import RESTORE_KEY
from couponbus.domain.row import Row
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Stage, Target
from couponbus_cli.app.triggers import LambdaTriggers, Part
from couponbus_cli.restore.table_copy import Copied, TableCopy
from couponbus_cli.status.ledger_scan import LedgerScan
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.integration.aws import cloud as aws
from tests.unit.cli.moto import Deployed, a_deployed_stage
from tests.unit.cli.rows import an_issuance, issued, requested

RESTORED = "couponbus-dev-restored"
LEAP = 1000
FUNCTIONS = "arn:aws:lambda:eu-west-1:123456789012:function"


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        with monkeypatch.context() as other:
            other.setattr(aws, "TABLE", RESTORED)
            aws.create_table(stage.target.dynamodb())
        yield stage


def put(deployed: Deployed, table: str, *rows: Row) -> None:
    client = deployed.target.dynamodb()
    for row in rows:
        client.put_item(TableName=table, Item=encode(row))


def in_backup(deployed: Deployed, *rows: Row) -> None:
    put(deployed, RESTORED, *rows)


def copying(deployed: Deployed) -> TableCopy:
    return TableCopy(client=deployed.target.dynamodb(), table=deployed.target.table)


def test_what_is_gone_comes_back_and_what_is_newer_stays(deployed: Deployed) -> None:
    kept, gone = (factories.any_issuance(seed=each).written("w") for each in (1, 2))
    newer = kept.postponed(
        now=factories.SPRING, until=factories.SPRING + timedelta(hours=1), why="busy"
    )
    put(deployed, deployed.target.table, newer)
    in_backup(deployed, kept, gone)

    copied = copying(deployed).fill(RESTORED, leap=LEAP)

    assert copied == Copied(read=2, written=1)
    assert deployed.read(newer).trail == newer.trail
    assert deployed.read(gone) == replace(gone, revision=gone.revision + LEAP)


def test_of_all_rows_a_scan_finds_the_claimed_ones_that_are_not_due(deployed: Deployed) -> None:
    waiting = an_issuance()
    lost, due, decided = (an_issuance(customer_id=number) for number in (1, 2, 3))
    rows = (
        waiting,
        requested(lost),
        replace(requested(due), due_at=NOON),
        issued(decided).left_to_batch(claim_id="claim-1"),
    )
    put(deployed, deployed.target.table, *rows)
    scan = LedgerScan(client=deployed.target.dynamodb(), table=deployed.target.table)

    assert scan.left_to_batches() == [lost.key]


def test_everything_is_replaced_but_the_mark(deployed: Deployed) -> None:
    row = factories.any_issuance().written("w")
    mark = factories.any_restore(seed=1)
    put(
        deployed,
        deployed.target.table,
        replaced := row.postponed(now=factories.SPRING, until=factories.SPRING, why="x"),
    )
    deployed.store(mark)
    in_backup(deployed, row, factories.any_restore(seed=2))

    copied = copying(deployed).replace(RESTORED, leap=LEAP)

    assert copied == Copied(read=1, written=1)
    assert deployed.read(replaced) == replace(row, revision=row.revision + LEAP)
    assert deployed.read(mark).at == mark.at
    assert mark.key == RESTORE_KEY


def test_an_account_that_was_braked_since_stays_so_and_one_that_is_gone_comes_back(
    deployed: Deployed,
) -> None:
    client, table = deployed.target.dynamodb(), deployed.target.table
    limiter = deployed.open(Stage("dev")).issuing
    limiter.change("brand", partial(resumed, now=1.0))
    limiter.change("gone", partial(braked, remark="x", now=1.0))
    for item in client.scan(TableName=table)["Items"]:
        client.put_item(TableName=RESTORED, Item=item)
        client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    braked_since = limiter.change("brand", partial(braked, remark="x", now=2.0))

    copied = copying(deployed).replace(RESTORED, leap=LEAP)

    assert copied == Copied(read=2, written=1)
    assert limiter.pace("brand") == braked_since
    assert limiter.pace("gone").brake.is_held


def test_what_the_table_refuses_ends_the_copy(deployed: Deployed) -> None:
    in_backup(deployed, factories.any_issuance())
    client = deployed.target.dynamodb()

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        TableCopy(client=client, table="nowhere").fill(RESTORED, leap=LEAP)


@dataclass
class SlowLambda:
    """A Lambda client whose mappings reach the requested state only after some reads."""

    polls_needed: int = 2
    states: dict[str, str] = field(default_factory=lambda: {"a": "Enabled", "b": "Disabled"})
    updates: list[tuple[str, bool]] = field(default_factory=list)
    polls: int = 0

    def get_paginator(self, _name: str) -> "SlowLambda":
        return self

    def paginate(self) -> list[dict[str, object]]:
        self.polls += 1
        if self.updates and self.polls > self.polls_needed:
            self.states.update({uuid: "Enabled" if on else "Disabled" for uuid, on in self.updates})
        others = self._mapping("c") | {"FunctionArn": f"{FUNCTIONS}:another-issue_barcodes:live"}
        return [{"EventSourceMappings": [others, *map(self._mapping, self.states)]}]

    def update_event_source_mapping(self, *, UUID: str, Enabled: bool) -> None:
        self.updates.append((UUID, Enabled))
        self.states[UUID] = "Enabling" if Enabled else "Disabling"

    def _mapping(self, uuid: str) -> dict[str, str]:
        return {
            "UUID": uuid,
            "EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:couponbus-dev-signups",
            "FunctionArn": f"{FUNCTIONS}:couponbus-dev-issue_barcodes:live",
            "State": self.states.get(uuid, "Enabled"),
        }


def triggers_of(client: SlowLambda) -> LambdaTriggers:
    target = Target(stage=Stage("dev"), session=cast("boto3.Session", SimpleNamespace()))
    return LambdaTriggers(client=client, target=target, clock=ManualClock())  # type: ignore[arg-type]


def test_triggers_are_switched_once_and_waited_for() -> None:
    client = SlowLambda(polls_needed=5)

    changed = triggers_of(client).stop()

    assert [each.name for each in changed] == ["signups → issue_barcodes"]
    assert client.updates == [("a", False)]
    assert client.states == {"a": "Disabled", "b": "Disabled"}


def test_a_part_is_switched_without_the_others() -> None:
    client = SlowLambda()

    others = triggers_of(client).stop(Part.POLLING)
    its_own = triggers_of(client).stop(Part.ISSUING)

    assert (others, [each.uuid for each in its_own]) == ([], ["a"])


def test_those_that_were_off_are_switched_on() -> None:
    client = SlowLambda()

    changed = triggers_of(client).start()

    assert [each.uuid for each in changed] == ["b"]


def test_a_trigger_that_does_not_change_is_named() -> None:
    with pytest.raises(Failed) as failure:
        triggers_of(SlowLambda(polls_needed=10**6)).stop()

    assert "signups → issue_barcodes" in str(failure.value)
