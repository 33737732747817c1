"""The effect of a failed poll: only its watch, promotion or account waits."""

from collections.abc import Callable

import pytest

from couponbus.domain.circuit_breaker import RECOVERY, Breaker
from couponbus.domain.errors import (
    CredentialsRefused,
    GatewayAnswered,
    GatewayDenied,
    InputRejected,
    LedgerUnavailable,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
)
from couponbus.domain.polling.pause import Pause, pause_key
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Pace
from couponbus.events.commands import ContinueWork
from couponbus.usecases.invocation import Metric
from tests.unit.usecases.polling.polling_world import PollingWorld, snapshot, use

PAUSE_KEY = pause_key(Provider.UNIQODO, "main")


def error(kind: type[ProviderError], *, status: int | None = None) -> ProviderError:
    return kind("test", provider="uniqodo", route="test", status=status)


def test_a_refused_key_pauses_the_account_until_an_operator_resumes_it() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.redemptions.failures.append(error(CredentialsRefused, status=401))
    report = world.poll(ContinueWork(keys=(watch.key,)))
    asked = len(world.redemptions.asked)

    world.pass_days(0.5)

    assert report.metrics[Metric.PAUSED] == 1
    assert PAUSE_KEY in world.ledger.rows
    assert len(world.redemptions.asked) == asked


def test_a_gateway_that_denies_access_pauses_nothing_and_is_asked_again_later() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.redemptions.failures.append(error(GatewayDenied, status=403))
    world.show(snapshot(use()))

    report = world.poll(ContinueWork(keys=(watch.key,)))
    world.pass_days(1.0)

    assert report.metrics[Metric.UNAUTHORISED] == 1
    assert PAUSE_KEY not in world.ledger.rows
    assert len(world.recorded) == 1


def test_an_unknown_promotion_pauses_itself_and_nothing_else() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.redemptions.failures.append(error(RequestRefused, status=404))

    world.poll(ContinueWork(keys=(watch.key,)))
    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert report.metrics[Metric.PAUSED_WATCHES] == 1
    pause = world.ledger.rows[PAUSE_KEY]
    assert isinstance(pause, Pause)
    assert pause.reason is None


def test_a_refused_question_that_is_no_unknown_promotion_pauses_nothing() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.redemptions.failures.append(error(RequestRefused, status=200))

    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert PAUSE_KEY not in world.ledger.rows
    assert report.metrics[Metric.FAILED_POLLS] == 1


def test_what_a_gateway_says_pauses_no_promotion_and_ends_as_an_outage_does() -> None:
    world = PollingWorld()
    keys = tuple(world.begin(user=f"user-{number}").key for number in range(8))
    asked = len(world.redemptions.asked)
    world.redemptions.failures += [error(GatewayAnswered, status=404)] * 5

    report = world.poll(ContinueWork(keys=keys))

    assert PAUSE_KEY not in world.ledger.rows
    assert report.metrics[Metric.CONTRACT_BROKEN] == 5
    assert len(world.redemptions.asked) - asked == 5
    assert report.metrics[Metric.UNPOLLED] == 8


def test_a_provider_that_asks_to_wait_is_asked_no_more_in_this_invocation() -> None:
    world = PollingWorld()
    keys = tuple(world.begin(user=f"user-{number}").key for number in range(5))
    asked = len(world.redemptions.asked)
    world.redemptions.failures.append(error(ProviderBusy, status=429))

    report = world.poll(ContinueWork(keys=keys))

    assert len(world.redemptions.asked) - asked == 1
    assert report.metrics[Metric.UNPOLLED] == 5
    assert report.failed == []


@pytest.mark.parametrize("failure", [ProviderUnavailable, InputRejected])
def test_one_watch_that_fails_does_not_keep_the_others_from_being_seen(
    failure: Callable[..., Exception],
) -> None:
    world = PollingWorld()
    keys = tuple(world.begin(user=f"user-{number}").key for number in range(3))
    problem = (
        error(ProviderUnavailable) if failure is ProviderUnavailable else InputRejected("test")
    )
    world.redemptions.failures.append(problem)
    for number in range(3):
        world.show(snapshot(use(number)), user=f"user-{number}")

    report = world.poll(ContinueWork(keys=keys))

    assert report.metrics[Metric.FAILED_POLLS] == 1
    assert report.metrics[Metric.RECORDED] == 2


def test_an_unexpected_error_is_reported_and_stays_with_its_watch() -> None:
    world = PollingWorld()
    keys = tuple(world.begin(user=f"user-{number}").key for number in range(2))
    world.redemptions.failures.append(ZeroDivisionError())

    report = world.poll(ContinueWork(keys=keys))

    assert report.bugs == ["ZeroDivisionError"]
    assert report.failed == []


def test_an_open_breaker_is_counted_where_it_refuses_a_poll_and_where_it_probes() -> None:
    world = PollingWorld()
    watch = world.begin()
    closed = Breaker(openings=1, failures=9, closed_until=world.in_seconds(RECOVERY).timestamp())
    world.limiters[Provider.UNIQODO].paces["main"] = Pace(gets=closed)

    refused = world.poll(ContinueWork(keys=(watch.key,)))
    world.clock.pass_time(RECOVERY)
    probed = world.poll(ContinueWork(keys=(watch.key,)))
    well = world.poll(ContinueWork(keys=(watch.key,)))

    counted = [each.metrics.get(Metric.BREAKER_OPEN, 0) for each in (refused, probed, well)]
    assert counted == [1, 1, 0]


def test_answers_that_the_other_workers_do_not_learn_of_are_counted_by_invocation() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.redemptions.failures.append(error(ProviderUnavailable))
    limiter = world.limiters[Provider.UNIQODO]
    limiter.deaf = True

    result = world.poll(ContinueWork(keys=(watch.key,)))
    limiter.deaf = False
    next_one = world.poll(ContinueWork(keys=(watch.key,)))

    assert result.metrics[Metric.UNREPORTED_ANSWERS] == 1
    assert Metric.UNREPORTED_ANSWERS not in next_one.metrics


def test_polls_of_a_pace_that_cannot_be_read_show() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.limiters[Provider.UNIQODO].failure = LedgerUnavailable("pace: ThrottlingException")

    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert (report.metrics[Metric.POLLS], sum(report.undone.values())) == (0, 1)
