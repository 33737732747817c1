"""Watches are polled together, at the shared pace, until time or provider ends the polls."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.domain.health import Health
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Reservation
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.polling.fetch import (
    FAILURES_IN_A_ROW,
    PollTarget,
    SnapshotFetcher,
)
from couponbus.usecases.polling.pauses import Pausing
from couponbus.usecases.rate_limited_calls import CALL_TIMEOUT, SAVE_MARGIN
from couponbus.usecases.store import Store
from tests.fakes.executor import InlineExecutor
from tests.unit.usecases.polling.polling_world import ACCOUNTS, PROMOTION, PollingWorld, snapshot


def targets(count: int, *, account: str = "main") -> list[PollTarget]:
    return [
        PollTarget(
            watch_id=f"W{number}",
            provider=Provider.UNIQODO,
            account=account,
            promotion=PROMOTION,
            user_id=f"user-{number}",
            digest="",
        )
        for number in range(count)
    ]


class FetcherHarness:
    """A fetcher on fakes, and the results of its polls."""

    def __init__(self, *, calls_per_second: float = 1000.0, shown: int = 100) -> None:
        self.world = PollingWorld()
        for number in range(shown):
            self.world.show(snapshot(), user=f"user-{number}")
        store = Store(ledger=self.world.ledger, ids=self.world.base.ids, clock=self.world.clock)
        accounts = [replace(one, calls_per_second=calls_per_second) for one in ACCOUNTS]
        self.fetcher = SnapshotFetcher(
            redemptions=self.world.redemptions,
            limiters=self.world.limiters,
            accounts={(one.provider, one.name): one for one in accounts},
            pausing=Pausing(store=store, clock=self.world.clock),
            executor=InlineExecutor(),
            clock=self.world.clock,
        )
        self.run = Invocation(deadline=self.world.clock.now() + timedelta(seconds=300))

    def poll(self, wanted: list[PollTarget]) -> list[tuple[PollTarget, Snapshot]]:
        return list(self.fetcher.poll(wanted, run=self.run))

    def fail(self, *errors: ProviderError) -> None:
        self.world.redemptions.failures.extend(errors)


def problem(kind: type[ProviderError]) -> ProviderError:
    return kind("test", provider="uniqodo", route="test")


def test_each_watch_is_polled_once() -> None:
    harness = FetcherHarness()

    seen = harness.poll(targets(50))

    assert [target.watch_id for target, _ in seen] == [f"W{number}" for number in range(50)]
    assert harness.run.metrics[Metric.POLLS] == 50
    assert harness.run.metrics[Metric.UNPOLLED] == 0


def test_polls_keep_the_pace_of_the_account() -> None:
    harness = FetcherHarness(calls_per_second=2.0)
    for limiter in harness.world.limiters.values():
        limiter._calls_per_second = {"main": 2.0}
    begin = harness.world.clock.now()

    harness.poll(targets(21))

    took = (harness.world.clock.now() - begin).total_seconds()
    assert took == pytest.approx(20 / (2.0 * 0.97), abs=0.6)


def test_an_account_that_is_not_configured_is_not_asked() -> None:
    harness = FetcherHarness()

    assert harness.poll(targets(3, account="other")) == []
    assert harness.run.metrics[Metric.MISCONFIGURED] == 3


def test_looking_ends_before_what_was_seen_could_not_be_stored() -> None:
    harness = FetcherHarness()
    harness.run = replace(
        harness.run, deadline=harness.world.clock.now() + CALL_TIMEOUT + SAVE_MARGIN
    )
    harness.world.clock.pass_time(0.001)

    assert harness.poll(targets(3)) == []
    assert harness.run.metrics[Metric.UNPOLLED] == 3


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (ProviderBusy, 1),
        (CredentialsRefused, 1),
        (ProviderUnavailable, FAILURES_IN_A_ROW),
        (ContractBroken, 20),
    ],
)
def test_an_answer_decides_whether_there_is_sense_in_asking_on(
    kind: type[ProviderError], asked: int
) -> None:
    harness = FetcherHarness()
    harness.fail(*(problem(kind) for _ in range(20)))

    harness.poll(targets(20))

    assert len(harness.world.redemptions.asked) == asked


def test_what_an_answer_says_that_is_unknown_here_is_counted() -> None:
    harness = FetcherHarness()
    for target in targets(2):
        place = (target.provider, target.account, target.promotion, target.user_id)
        harness.world.redemptions.shows[place] = replace(
            snapshot(), odd_codes=(444, 555), left_out=1
        )

    harness.poll(targets(2))

    assert harness.run.metrics[Metric.UNKNOWN_ERROR_CODES] == 4
    assert harness.run.metrics[Metric.RECORDS_LEFT_OUT] == 2


def test_failures_that_are_not_in_a_row_do_not_end_it() -> None:
    harness = FetcherHarness()
    for _ in range(10):
        harness.fail(problem(ProviderUnavailable))
        harness.world.redemptions.failures.append(None)

    seen = harness.poll(targets(20))

    assert len(seen) == 10


def test_watches_without_a_free_slot_are_counted() -> None:
    harness = FetcherHarness()
    limiter = harness.world.limiters[Provider.UNIQODO]
    reservation = limiter.reserve(account="main", calls=1, within=0.0)
    assert isinstance(reservation, Reservation)
    limiter.report(reservation=reservation, health=Health.THROTTLED, retry_after=600.0)

    assert harness.poll(targets(4)) == []
    assert harness.run.metrics[Metric.UNPOLLED] == 4


def test_no_account_is_always_the_one_for_which_the_others_leave_no_time() -> None:
    harness = FetcherHarness()
    uniqodo = targets(1)
    koupon = [replace(one, provider=Provider.KOUPON, promotion=None) for one in uniqodo]
    harness.world.redemptions.shows[Provider.KOUPON, "main", None, "user-0"] = snapshot()

    first = set()
    for _ in range(20):
        harness.run = Invocation(deadline=harness.world.clock.now() + timedelta(seconds=60))
        first.add(harness.poll([*uniqodo, *koupon])[0][0].provider)
        harness.world.clock.pass_time(300)

    assert first == set(Provider)
