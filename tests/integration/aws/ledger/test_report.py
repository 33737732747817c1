"""The operator's report about the ledger."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.aws.ledger.due_index import shards_of
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.moments import epoch_ms
from couponbus.aws.ledger.report import Backlogged, Due, LedgerReport
from couponbus.aws.programs import DynamoPrograms
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.issuance import Origin
from couponbus.domain.outbox.backlog import TO_AUDIT, Backlog
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.faults import faults_on


@pytest.fixture
def report(cloud: Cloud, ledger: DynamoLedger) -> LedgerReport:
    return LedgerReport(client=cloud.clients.dynamodb, table=TABLE, ledger=ledger)


def test_rows_are_counted_by_kind_and_state(
    cloud: Cloud, report: LedgerReport, ledger: DynamoLedger, clock: ManualClock
) -> None:
    resolution = factories.any_resolution()
    rows = [
        factories.any_issuance(),
        factories.any_issuance(),
        factories.any_issued(),
        resolution.resolved(customer_id=7, now=NOON),
        factories.any_rejection(),
    ]
    ledger.write([row.written("first") for row in rows])
    programs = DynamoPrograms(client=cloud.clients.dynamodb, table=TABLE, clock=clock, seconds=1)
    programs.put(factories.any_program())

    assert report.counts() == {
        "ISSUANCE": {"PENDING": 2, "ISSUED": 1},
        "RESOLUTION": {"RESOLVED": 1},
        "REJECTION": {"REJECTED": 1},
    }


def test_rows_without_a_state_are_counted_by_what_they_are(
    report: LedgerReport, ledger: DynamoLedger
) -> None:
    rows = [
        factories.any_watch(),
        factories.any_active_watch(),
        factories.any_ended_watch(),
        factories.any_recorded_redemption(),
        factories.any_notice(),
        factories.any_stock(),
        factories.any_pause(),
        factories.any_schedule(),
    ]
    ledger.write([row.written("first") for row in rows])

    assert report.counts() == {
        "WATCH": {"STARTING": 1, "ACTIVE": 1, "ENDED": 1},
        "REDEMPTION": {"RECORDED": 1},
        "NOTICE": {"RECORDED": 1},
        "STOCK": {"KEPT": 1},
        "PAUSE": {"KEPT": 1},
        "SCHEDULE": {"KEPT": 1},
    }


def test_an_empty_ledger_has_no_counts_and_nothing_due(report: LedgerReport) -> None:
    assert report.counts() == {}
    assert report.backlogs() == {each: Backlogged(first=[]) for each in (*Backlog, TO_AUDIT)}


def test_a_table_of_many_pages_is_counted_whole(
    cloud: Cloud, report: LedgerReport, ledger: DynamoLedger
) -> None:
    page = {
        "Items": [{"pk": {"S": "ISSUANCE#X"}, "state": {"S": "PENDING"}}],
        "LastEvaluatedKey": {"pk": {"S": "ISSUANCE#X"}, "sk": {"S": "ROW"}},
    }
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*[faults.answer(**page)] * 8)

        assert report.counts() == {"ISSUANCE": {"PENDING": 8}}
        assert script.calls == ["Scan"] * 16


def test_the_first_rows_of_a_backlog_are_found_in_whatever_shard(
    report: LedgerReport, ledger: DynamoLedger
) -> None:
    rows = [
        replace(factories.any_issuance(), due_at=NOON + timedelta(seconds=second))
        for second in range(60)
    ]
    ledger.write([row.written("first") for row in rows])

    found = report.backlogs()[Backlog.ISSUING]

    assert (found.rows, found.more, found.oldest) == (60, False, NOON)
    assert found.first[0] == Due(key=rows[0].key, due_at=NOON)
    assert [due.key for due in found.first] == [row.key for row in rows[: len(found.first)]]


def test_a_backlog_is_counted_as_far_as_one_call_for_each_shard_goes(
    cloud: Cloud, report: LedgerReport
) -> None:
    keys = {"pk": {"S": "ISSUANCE#X"}, "due_at": {"N": epoch_ms(NOON)}}
    page = faults.answer(Items=[keys] * 3, LastEvaluatedKey=keys)
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*[page] * 40)

        backlogs = report.backlogs()

        assert script.calls == ["Query"] * sum(len(shards_of(each)) for each in backlogs)
    assert (backlogs[Backlog.POLLS].rows, backlogs[Backlog.POLLS].shown) == (6, "6+")
    assert backlogs[TO_AUDIT].more


def test_the_size_of_the_table_is_known_before_it_is_read(
    cloud: Cloud, report: LedgerReport, ledger: DynamoLedger
) -> None:
    ledger.write([factories.any_issuance().written("first") for _ in range(3)])

    with faults_on(cloud.clients.dynamodb) as script:
        assert report.size().rows == 3
        assert script.calls == ["DescribeTable"]


def test_what_waits_for_the_audit_is_counted_and_is_not_due_for_the_sweeper(
    report: LedgerReport, ledger: DynamoLedger
) -> None:
    rows = [
        replace(factories.any_issued(), origin=Origin.RECONCILED).announced(
            now=NOON + timedelta(seconds=second)
        )
        for second in range(3)
    ]
    ledger.write([row.written("first") for row in rows])

    backlogs = report.backlogs()

    assert (backlogs[TO_AUDIT].rows, backlogs[TO_AUDIT].oldest) == (3, NOON)
    assert not any(backlogs[each].rows for each in Backlog)


def test_everything_of_a_sign_up_is_found_whatever_its_kind(
    report: LedgerReport, ledger: DynamoLedger
) -> None:
    rows = [
        replace(row, tenant="acme", signup_id="signup-1", revision=1)
        for row in (
            factories.any_issued(),
            factories.any_resolution(),
            factories.any_rejection(),
        )
    ]
    other = replace(factories.any_issued(), tenant="other", signup_id="signup-1", revision=1)
    ledger.write([*rows, other])

    found = report.of_signup(tenant="acme", signup_id="signup-1")

    assert [*found.values()] == sorted(rows, key=lambda row: row.key)
    assert not report.of_signup(tenant="acme", signup_id="unheard-of")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("acme", "eu#s-1"), ("acme#eu", "s-1")),
        (("acme", "#s-1"), ("acme#", "s-1")),
        (("acme#eu", "s-1"), ("acme%23eu", "s-1")),
    ],
)
def test_tenants_with_a_separator_in_their_names_share_no_sign_up(
    report: LedgerReport, ledger: DynamoLedger, one: tuple[str, str], other: tuple[str, str]
) -> None:
    rows = {
        (tenant, signup_id): replace(
            factories.any_issued(), tenant=tenant, signup_id=signup_id, revision=1
        )
        for tenant, signup_id in (one, other)
    }
    ledger.write(list(rows.values()))

    for (tenant, signup_id), row in rows.items():
        assert [*report.of_signup(tenant=tenant, signup_id=signup_id).values()] == [row]


def test_a_sign_up_with_pages_of_rows_is_read_whole(
    cloud: Cloud, report: LedgerReport, ledger: DynamoLedger
) -> None:
    row = factories.any_issued().written("first")
    ledger.write([row])
    place = {"pk": {"S": "ISSUANCE#X"}, "sk": {"S": "ROW"}, "signup": {"S": "x"}}

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(
            faults.answer(Items=[], LastEvaluatedKey=place),
            faults.answer(Items=[{"pk": {"S": row.key}}]),
        )
        found = report.of_signup(tenant=row.tenant, signup_id=row.signup_id)

    assert [*found.values()] == [row]
    assert script.calls == ["Query", "Query", "BatchGetItem"]


def test_issuances_are_read_by_key_and_nothing_else_is(
    report: LedgerReport, ledger: DynamoLedger
) -> None:
    issuance = factories.any_issued().written("first")
    resolution = factories.any_resolution().written("first")
    ledger.write([issuance, resolution])

    assert report.issuances([resolution.key, "ISSUANCE#X", issuance.key]) == [issuance]


def test_a_silent_table_is_unavailable(cloud: Cloud, report: LedgerReport) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        for ask in (
            report.counts,
            report.size,
            report.backlogs,
            lambda: report.of_signup(tenant="acme", signup_id="signup-1"),
            lambda: report.issuances(["ISSUANCE#X"]),
        ):
            script.script.clear()
            script.will(*[faults.connect_timeout] * 24)
            with pytest.raises(LedgerUnavailable, match=r"^[a-z -]+: ConnectTimeoutError$"):
                ask()
