"""The history on a table that returns small pages, or does not answer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.history_index import SHARD_KEY, SHARDS
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.webhooks.event_log import DynamoEventLog
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.ports.webhooks import EventIndexEntry
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud, a_cloud
from tests.integration.aws.faults import faults_on
from tests.thorough import thorough

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
ALL = 1000  # more calls than there are
PAGE_LIMIT = "moto.dynamodb.models.table.RESULT_SIZE_LIMIT"
DAYS = (NOON.replace(hour=0), NOON.replace(hour=0) + DAY)


def around(*days: datetime) -> st.SearchStrategy[datetime]:
    """Return moments around these, so that many events have the same one."""
    seconds = st.integers(-3, 3)
    return st.builds(lambda day, each: day + each * SECOND, st.sampled_from(days), seconds)


def test_each_page_of_a_day_is_asked_for(
    cloud: Cloud, ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PAGE_LIMIT, 2_000)
    events = [
        factories.any_event_record(event_at=NOON + timedelta(seconds=number))
        for number in range(40)
    ]
    ledger.write([event.written("mine") for event in events])

    with faults_on(cloud.clients.dynamodb) as script:
        history = DynamoEventLog(client=cloud.clients.dynamodb, table=TABLE)
        found = list(history.between(since=NOON, until=NOON + HOUR))

    assert [one.key for one in found] == [event.key for event in events]
    assert len(script.calls) > 2 * SHARDS


def test_a_day_costs_a_call_for_each_shard(cloud: Cloud) -> None:
    history = DynamoEventLog(client=cloud.clients.dynamodb, table=TABLE)

    with faults_on(cloud.clients.dynamodb) as script:
        list(history.between(since=NOON, until=NOON + 2 * DAY))

    assert script.calls == ["Query"] * 3 * SHARDS


def test_events_of_one_moment_are_written_to_all_shards_alike() -> None:
    rows = [factories.any_event_record(seed=seed, event_at=NOON) for seed in range(1000)]

    written = Counter(encode(row)[SHARD_KEY]["S"] for row in rows)

    assert len(written) == SHARDS
    assert max(written.values()) < 1.25 * len(rows) / SHARDS


@thorough(100, few=12)
@given(
    moments=st.lists(around(*DAYS), min_size=10, max_size=40),
    since=around(DAYS[0]),
    until=around(*DAYS),
    page=st.integers(1500, 6000),
    answered=st.lists(st.integers(0, 12), max_size=4),
)
def test_shards_in_pages_are_one_list_wherever_a_reader_is_interrupted(
    moments: list[datetime], since: datetime, until: datetime, page: int, answered: list[int]
) -> None:
    events = [
        factories.any_event_record(seed=seed, event_at=each) for seed, each in enumerate(moments)
    ]
    asked = [one for one in events if since <= one.event_at < until]
    right = [one.key for one in sorted(asked, key=lambda one: (one.event_at, one.event_id))]

    with a_stored_history(events, page=page) as (history, cloud):
        assert keys_of(history.newest(since=since, until=until)) == right[::-1]
        assert read_on(history, cloud, since, until, answered) == right


@contextmanager
def a_stored_history(
    events: Sequence[EventRecord], *, page: int
) -> Iterator[tuple[DynamoEventLog, Cloud]]:
    """Store events on a table whose pages have about this many bytes."""
    with a_cloud() as cloud, pytest.MonkeyPatch.context() as patch:
        client = cloud.clients.dynamodb
        ledger = DynamoLedger(client=client, table=TABLE, clock=ManualClock())
        assert not ledger.write([one.written("mine") for one in events])
        patch.setattr(PAGE_LIMIT, page)
        yield DynamoEventLog(client=client, table=TABLE), cloud


def read_on(
    history: DynamoEventLog,
    cloud: Cloud,
    since: datetime,
    until: datetime,
    answered: Sequence[int],
) -> list[str]:
    """Return the keys that a reader finds who goes on from the last moment that it has.

    Each reading fails after so many answers, until one ends.
    """
    read: list[EventIndexEntry] = []
    for answers in (*answered, ALL):
        with faults_on(cloud.clients.dynamodb) as script, suppress(LedgerUnavailable):
            script.will(*[faults.passes] * answers, *[faults.connect_timeout] * 3)
            for one in unread(read, history, since, until):
                read.append(one)
            break
    return [one.key for one in read]


def unread(
    read: Sequence[EventIndexEntry], history: DynamoEventLog, since: datetime, until: datetime
) -> Iterator[EventIndexEntry]:
    known = {one.key for one in read}
    found = history.between(since=read[-1].event_at if read else since, until=until)
    return (one for one in found if one.key not in known)


def keys_of(entries: Iterator[EventIndexEntry]) -> list[str]:
    return [one.key for one in entries]


def test_without_a_table_there_is_no_history(cloud: Cloud) -> None:
    history = DynamoEventLog(client=cloud.clients.dynamodb, table=TABLE)

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(faults.passes, *[faults.connect_timeout] * 3)
        with pytest.raises(LedgerUnavailable, match=r"^history: ConnectTimeoutError$"):
            list(history.between(since=NOON, until=NOON + 3 * HOUR))


def test_what_ends_before_it_begins_is_not_asked_for(cloud: Cloud) -> None:
    history = DynamoEventLog(client=cloud.clients.dynamodb, table=TABLE)

    # DynamoDB refuses a range whose end lies before its beginning, moto does not.
    with faults_on(cloud.clients.dynamodb) as script:
        list(history.between(since=NOON + HOUR / 2, until=NOON + HOUR / 3))

    assert script.calls == []
