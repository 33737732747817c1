"""`couponbus why` leads from a sign-up to its watches, and from these to their redemptions."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.polling.cohort import CohortSize
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from tests.factories import any_notice, any_program
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms
from tests.unit.cli.rows import an_issuance, issued
from tests.unit.cli.stage import FakeDeployment, FakeStage
from tests.unit.cli.watches import USER, a_redemption, an_active_watch

PROGRAM = replace(any_program(), name="welcome", tracking_prefix="cb-")
ISSUED = replace(issued(an_issuance(PROGRAM)), signup_id="signup-1")
WATCH = an_active_watch()
CONSUMER = an_active_watch(provider=Provider.KOUPON)
REDEEMED = a_redemption(WATCH)
NOTICED = replace(any_notice(), tenant="default", signup_id="signup-1", watch_id=CONSUMER.watch_id)
EVERYTHING = (ISSUED, WATCH, CONSUMER, REDEEMED, NOTICED)


def why(query: str, *rows: Row) -> list[str]:
    """Return the keys of the rows that are shown, in their order."""
    stage = FakeStage(MemoryLedger(*rows), MemoryPrograms(PROGRAM))
    code, data = stage.run_json("why", query)
    assert code == 0, data
    assert USER not in json.dumps(data)
    found = data["rows"]
    assert isinstance(found, list)
    return [str(each["key"]) for each in found]


@pytest.mark.parametrize("query", ["signup-1", "4001", ISSUED.tracking_code, ISSUED.issuance_id])
def test_whatever_leads_to_a_barcode_leads_to_its_redemptions(query: str) -> None:
    timeline_texts = why(query, *EVERYTHING)

    assert timeline_texts[0] == ISSUED.key
    assert set(timeline_texts[1:3]) == {WATCH.key, CONSUMER.key}
    assert timeline_texts[3:] == [REDEEMED.key, NOTICED.key]


@pytest.mark.parametrize("query", [WATCH.watch_id, WATCH.key])
def test_a_watch_is_shown_with_what_it_found_and_nothing_else(query: str) -> None:
    assert why(query, *EVERYTHING) == [WATCH.key, REDEEMED.key]


@pytest.mark.parametrize("row", [REDEEMED, NOTICED])
def test_a_redemption_or_notice_is_shown_alone(row: Row) -> None:
    assert why(row.key.partition("#")[2], *EVERYTHING) == [row.key]


def test_a_watch_of_a_crowd_has_its_next_poll_where_the_crowd_has_it() -> None:
    watch = replace(WATCH, cohort_at=WATCH.started_at + timedelta(minutes=40))
    cohort = watch.age_cohort
    assert cohort is not None
    stage = FakeStage(MemoryLedger(watch))
    stage.crowds.append(CohortSize(cohort=cohort, watches=1_000_000))
    stage.clock.pass_time(20 * 86_400)
    alone = FakeStage(MemoryLedger(watch), clock=stage.clock)

    in_a_crowd = stage.run("why", WATCH.watch_id).out
    by_itself = alone.run("why", WATCH.watch_id).out

    assert "its next poll is about" in in_a_crowd
    assert in_a_crowd != by_itself


def test_the_deployment_is_asked_only_if_a_customer_is_watched() -> None:
    unreachable = FakeDeployment(failure=RuntimeError("not called"))
    stage = FakeStage(MemoryLedger(ISSUED), MemoryPrograms(PROGRAM), deployment=unreachable)

    assert stage.run("why", "signup-1").code == 0
