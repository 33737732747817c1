"""The accounts that a stage was seen with, on a table."""

import pytest

from couponbus.aws.seen_accounts import DynamoSeenAccounts
from couponbus.domain.errors import LedgerUnavailable
from tests.fakes.seen_accounts import MemorySeenAccounts
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.faults import faults_on

type Seen = DynamoSeenAccounts | MemorySeenAccounts


@pytest.fixture(params=["table", "memory"])
def seen(request: pytest.FixtureRequest, cloud: Cloud) -> Seen:
    if request.param == "memory":
        return MemorySeenAccounts()
    return DynamoSeenAccounts(client=cloud.clients.dynamodb, table=TABLE)


def test_what_was_seen_is_remembered_until_it_is_forgotten(seen: Seen) -> None:
    assert seen.all() == frozenset()

    seen.see(["coniq/main", "uniqodo/main"])
    seen.see(["coniq/main", "coniq/no"])
    seen.forget(["uniqodo/main", "koupon/never"])

    assert seen.all() == {"coniq/main", "coniq/no"}


def test_the_last_one_can_be_forgotten(seen: Seen) -> None:
    seen.see(["coniq/main"])
    seen.forget(["coniq/main"])

    assert seen.all() == frozenset()


def test_to_note_nothing_is_no_mistake(seen: Seen) -> None:
    seen.see([])
    seen.forget([])

    assert seen.all() == frozenset()


def test_a_silent_table_is_said(cloud: Cloud) -> None:
    seen = DynamoSeenAccounts(client=cloud.clients.dynamodb, table=TABLE)

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*[faults.connect_timeout] * 6)
        with pytest.raises(LedgerUnavailable, match="seen accounts"):
            seen.all()
        with pytest.raises(LedgerUnavailable, match="seen accounts"):
            seen.see(["coniq/main"])
