"""A stage may keep decided issuances for a time: both ledgers forget these then, and no others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.retention import DECIDED_LEAST
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.issuing.reopening import reopened, retried
from couponbus.ports.shared import Ledger
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.ledger import MemoryLedger
from tests.integration.aws.cloud import TABLE, Cloud, a_cloud

AN_HOUR, A_CENTURY = timedelta(hours=1), timedelta(days=36_500)
LATER = NOON + AN_HOUR
OVER = NOON + DECIDED_LEAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetful:
    """A ledger with a retention of issuances, and what deletes those of its rows that expired."""

    ledger: Ledger
    expire: Callable[[datetime], None]

    def store(self, rows: Sequence[Issuance]) -> Sequence[Issuance]:
        """Store each over what stands in its place, in one call."""
        standing = self.ledger.read([row.key for row in rows])
        written = [
            replace(row, revision=standing[row.key].revision if row.key in standing else 0).written(
                factories.any_word()
            )
            for row in rows
        ]
        assert list(self.ledger.write(written)) == []
        return written

    def left(self, rows: Sequence[Issuance], *, at: datetime) -> list[Issuance]:
        """Return those that are still there."""
        self.expire(at)
        return self.ledger.read([row.key for row in rows]).of(Issuance)


@pytest.fixture(params=["memory", "dynamodb"])
def forgetful(request: pytest.FixtureRequest) -> Iterator[Forgetful]:
    if request.param == "memory":
        memory = MemoryLedger(decided_kept=DECIDED_LEAST)
        yield Forgetful(ledger=memory, expire=memory.expire)
        return
    with a_cloud() as cloud:
        client, clock = cloud.clients.dynamodb, ManualClock()
        ledger = DynamoLedger(client=client, table=TABLE, clock=clock, decided_kept=DECIDED_LEAST)
        yield Forgetful(ledger=ledger, expire=lambda now: _expire(cloud, now))


def _expire(cloud: Cloud, now: datetime) -> None:
    client = cloud.clients.dynamodb
    for item in client.scan(TableName=TABLE, ConsistentRead=True)["Items"]:
        if "ttl" in item and float(item["ttl"]["N"]) <= now.timestamp():
            client.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})


def issued() -> Issuance:
    requested = factories.any_requested()
    return requested.issued(
        barcode=factories.any_barcode(of=requested.request),
        origin=Origin.ISSUED,
        now=NOON,
        publish_by=NOON,
    )


def refused(issuance: Issuance) -> Issuance:
    return issuance.rejected(reason="no", now=NOON, publish_by=NOON)


def told_and_over() -> Mapping[str, Issuance]:
    doubtful = refused(factories.any_requested()).announced(now=LATER)
    return {
        "left to its batch": issued().left_to_batch(claim_id="a batch"),
        "published": issued().announced(now=LATER),
        "refused by a gate": refused(factories.any_issuance()).announced(now=LATER),
        "refused by Coniq, and audited": replace(doubtful, due_at=None),
    }


def needed() -> Mapping[str, Issuance]:
    ambiguous = factories.any_requested().ambiguous(
        numbers=(), reason="why", now=NOON, publish_by=NOON
    )
    return {
        "pending": factories.any_issuance(),
        "claimed": factories.any_requested(),
        "in doubt": factories.any_requested().doubted(
            now=NOON, ready_at=NOON, why="silence", refusal=None, batch_limit=None
        ),
        "ambiguous": ambiguous.announced(now=LATER),
        "issued, not published": issued(),
        "refused, not published": refused(factories.any_issuance()),
        "due for the audit": refused(factories.any_requested()).announced(now=LATER),
    }


def test_what_was_decided_and_told_is_forgotten_when_its_time_is_over(forgetful: Forgetful) -> None:
    rows = forgetful.store([*told_and_over().values()])

    assert forgetful.left(rows, at=OVER - AN_HOUR) == rows
    assert forgetful.left(rows, at=OVER) == []


def test_a_row_that_is_written_alone_is_forgotten_as_well(forgetful: Forgetful) -> None:
    (row,) = forgetful.store([issued().left_to_batch(claim_id="a batch")])

    assert forgetful.left([row], at=OVER) == []


def test_what_is_still_needed_is_never_forgotten(forgetful: Forgetful) -> None:
    rows = forgetful.store([*needed().values()])

    assert forgetful.left(rows, at=OVER + A_CENTURY) == rows


@pytest.mark.parametrize("together", [1, 2])
def test_a_refusal_that_begins_again_is_needed_again(forgetful: Forgetful, together: int) -> None:
    over = [
        refused(factories.any_issuance()).announced(now=LATER),
        replace(refused(factories.any_requested()).announced(now=LATER), due_at=None),
    ][:together]
    forgetful.store(over)

    rows = forgetful.store(
        [
            reopened(over[0], by=factories.any_issuance(), now=OVER - AN_HOUR),
            *(retried(one, program="another", now=OVER, why="mended") for one in over[1:]),
        ]
    )

    assert forgetful.left(rows, at=OVER + A_CENTURY) == rows
