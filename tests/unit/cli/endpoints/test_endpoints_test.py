"""A test event is sent as an ordinary webhook, and its result is shown."""

from collections.abc import Callable

import pytest

from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.events.commands import AttemptDeliveries
from tests.fakes.clock import NOON, ManualClock
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.webhooks import HOUR, SECOND, TOKEN, a_stage, an_endpoint, disabled

type Work = Callable[[Delivery], Delivery]


class Worker(ManualClock):
    """A clock on whose first sleep a worker does what a test says."""

    def __init__(self, stage: FakeStage, work: Work) -> None:
        super().__init__()
        self._stage = stage
        self._work: Work | None = work

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self._work is not None:
            rows = [row for row in self._stage.ledger.rows.values() if isinstance(row, Delivery)]
            self._stage.ledger.write([self._work(row).written("worker") for row in rows])
            self._work = None


def a_stage_where(work: Work) -> FakeStage:
    stage = a_stage(an_endpoint())
    stage.clock = Worker(stage, work)
    return stage


def attempted(row: Delivery) -> Delivery:
    return row.claimed(now=NOON, until=NOON + 60 * SECOND, sweep_at=NOON + 70 * SECOND)


def test_an_endpoint_that_takes_it_is_well() -> None:
    stage = a_stage_where(lambda row: attempted(row).delivered(status=204, now=NOON))

    outcome = stage.run("endpoints", "test", "shop")

    [delivery] = [row for row in stage.ledger.rows.values() if isinstance(row, Delivery)]
    [event] = [row for row in stage.ledger.rows.values() if isinstance(row, EventRecord)]
    assert outcome.code == 0
    assert "shop accepted the test event: answered 204." in outcome.out
    assert (event.only_for, event.detail_type) == ("shop", "EndpointTest")
    assert stage.redeliveries.sent == [
        AttemptDeliveries(attempt="again", endpoint_id="shop", keys=(delivery.key,))
    ]


@pytest.mark.parametrize(
    ("reason", "status", "said"),
    [
        ("status_500", 500, "did not accept the test event: answered 500; the next attempt"),
        ("tls_refused", None, "its certificate was not accepted, or TLS failed (tls_refused)"),
        ("something_new", None, "did not accept the test event: something_new"),
    ],
)
def test_the_result_is_shown_in_words(reason: str, status: int | None, said: str) -> None:
    stage = a_stage_where(
        lambda row: attempted(row).failed(reason=reason, status=status, retry_after=None, now=NOON)
    )

    outcome = stage.run("endpoints", "test", "shop")

    assert outcome.code == 1
    assert said in outcome.out
    assert TOKEN not in outcome.out


def test_an_endpoint_that_is_gone_is_not_tried_again() -> None:
    stage = a_stage_where(
        lambda row: attempted(row).refused(reason="status_410", status=410, now=NOON)
    )

    outcome = stage.run("endpoints", "test", "shop")

    assert outcome.code == 1
    assert "did not accept the test event: answered 410." in outcome.out


def test_when_the_wait_is_over_there_is_no_result_yet() -> None:
    stage = a_stage(an_endpoint())

    code, data = stage.run_json("endpoints", "test", "shop", "--wait", "5")
    outcome = stage.run("endpoints", "test", "shop", "--wait", "0")

    assert (code, outcome.code) == (1, 1)
    assert (data["state"], data["attempt"], data["endpoint_id"]) == ("PENDING", 0, "shop")
    assert sum(stage.clock.slept) == pytest.approx(5.0)
    assert "The test event to shop (https://hooks.shop.example/…) has no result yet" in (
        outcome.out
    )
    assert "couponbus deliveries show" in outcome.out


def test_workers_that_do_not_know_its_secret_yet_put_it_off() -> None:
    stage = a_stage_where(lambda row: row.put_off(until=NOON + HOUR))

    outcome = stage.run("endpoints", "test", "shop", "--wait", "3")

    assert "Workers that do not know its secret yet try again 2026-06-01 13:00:00" in outcome.out


def test_an_attempt_that_is_under_way_is_waited_for() -> None:
    stage = a_stage_where(attempted)

    outcome = stage.run("endpoints", "test", "shop", "--wait", "3")

    assert outcome.code == 1
    assert "has no result yet" in outcome.out


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        (an_endpoint().paused(now=NOON), "shop is PAUSED since"),
        (disabled(an_endpoint()), "shop is DISABLED (gone) since"),
    ],
)
def test_nothing_is_sent_to_an_endpoint_that_gets_nothing(endpoint: Endpoint, said: str) -> None:
    stage = a_stage(endpoint)

    outcome = stage.run("endpoints", "test", "shop")

    assert outcome.code == 1
    assert said in outcome.err
    assert "couponbus endpoints resume shop" in outcome.err
    assert not any(isinstance(row, Delivery) for row in stage.ledger.rows.values())
