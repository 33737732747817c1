"""Fifty workers that share one rate limiter do not exceed it, starve, or hammer what is down."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.circuit_breaker import FAILURES_TO_OPEN, RECOVERY
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import SHARE_OF_LIMIT, THROTTLED_PAUSE, Pace, is_news, observed
from tests.thorough import thorough
from tests.unit.domain.crowd import LIMIT, START, Provider, World, failed, granted

INTERVAL = 1 / (LIMIT * SHARE_OF_LIMIT)


def healthy(now: float) -> tuple[Health, float | None]:
    return Health.GOOD, None


def down_until(second: float) -> Provider:
    def provider(now: float) -> tuple[Health, float | None]:
        return (Health.FAILING if now < START + second else Health.GOOD), None

    return provider


def busiest_second(times: Sequence[float]) -> int:
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize("limit", [3.0, 10.0, 50.0])
@thorough(60, few=20)
@given(seed=st.integers(0, 999))
def test_no_second_sees_more_calls_than_allowed(limit: float, seed: int) -> None:
    world = World(provider=healthy, seed=seed, limit=limit, jitter=0.01, skew=0.02)

    world.run(12)

    assert busiest_second(world.times()) <= limit * 1.1


@thorough(60, few=15)
@given(seed=st.integers(0, 999))
def test_nearly_all_of_the_limit_is_used_while_there_is_work(seed: int) -> None:
    world = World(provider=healthy, seed=seed, jitter=0.01, skew=0.02)

    world.run(30)

    assert len(world.sent) >= 0.93 * LIMIT * 30


@thorough(10, few=3)
@given(seed=st.integers(0, 999))
def test_no_worker_starves(seed: int) -> None:
    world = World(provider=healthy, seed=seed)

    world.run(600)

    calls = Counter(worker for _, worker in world.sent)
    assert len(calls) == world.workers
    assert min(calls.values()) >= 5


@thorough(60, few=20)
@given(seed=st.integers(0, 999), retry_after=st.sampled_from([None, 0.0, 3.0, 20.0]))
def test_a_retry_after_to_one_worker_holds_for_all(seed: int, retry_after: float | None) -> None:
    def throttling(now: float) -> tuple[Health, float | None]:
        throttled = 5 <= now - START < 5.1
        return (Health.THROTTLED, retry_after) if throttled else (Health.GOOD, None)

    world = World(provider=throttling, seed=seed, within=1.0)

    world.run(40)

    throttled = [at - START for at, health in world.answers if health is Health.THROTTLED]
    pause = THROTTLED_PAUSE if retry_after is None else retry_after
    # Slots that were reserved before cannot be revoked: the last reservation starts after
    # `within` and has four more slots.
    committed = max(throttled) + world.within + 5 * INTERVAL
    assert [at for at in world.times() if committed < at < max(throttled) + pause] == []
    assert busiest_second(world.times()) <= LIMIT
    assert max(world.times()) > 39


@thorough(10, few=3)
@given(seed=st.integers(0, 999))
def test_a_provider_that_is_down_is_asked_once_per_recovery_and_then_at_full_speed(
    seed: int,
) -> None:
    world = World(provider=down_until(300), seed=seed, within=2.0, skew=0.02)

    world.run(1000)

    opened = min(at - START for at, health in world.answers if health is Health.FAILING)
    probes = [at for at in world.times() if opened + world.within + 1 < at < 300]
    assert 4 <= len(probes) <= 8
    assert all(b - a >= RECOVERY * 0.99 for a, b in itertools.pairwise(probes))
    back = next(at for at in world.times() if at >= 300)
    assert back - 300 <= 2 * max(b - a for a, b in itertools.pairwise([opened, *probes]))
    # Workers that were refused during the last recovery retry at its end.
    settled = back + max(b - a for a, b in itertools.pairwise([opened, *probes, back]))
    after = [at for at in world.times() if settled <= at < settled + 10]
    assert len(after) >= 0.9 * LIMIT * 10
    assert busiest_second(world.times()) <= LIMIT


def test_recovery_gives_no_slot_away_twice() -> None:
    pace = failed(Pace(), times=FAILURES_TO_OPEN)
    pace, probe = granted(pace)
    pace = observed(
        pace, reservation=probe, health=Health.GOOD, retry_after=None, now=probe.starts_at - 1
    )

    _, following = granted(pace, now=probe.starts_at - 1)

    assert following.starts_at >= probe.starts_at + INTERVAL * 0.999


def test_recovery_does_not_forget_what_the_provider_asked_for() -> None:
    pace = failed(Pace(), times=FAILURES_TO_OPEN)
    pace, probe = granted(pace)
    pace = observed(
        pace, reservation=probe, health=Health.FAILING, retry_after=900.0, now=START + 30
    )
    pace, probe = granted(pace)

    pace = observed(pace, reservation=probe, health=Health.GOOD, retry_after=None, now=START + 100)

    assert pace.gets.openings == 0
    assert granted(pace)[1].starts_at >= START + 930


def test_a_shorter_retry_after_does_not_shorten_a_longer_one() -> None:
    pace, taken = granted(Pace())
    for retry_after in (60.0, 1.0):
        pace = observed(
            pace, reservation=taken, health=Health.THROTTLED, retry_after=retry_after, now=START
        )

    assert pace.paused_until == START + 60


def test_a_retry_after_that_comes_with_a_failure_is_heeded() -> None:
    pace, taken = granted(Pace())

    pace = observed(pace, reservation=taken, health=Health.FAILING, retry_after=17.0, now=START)

    assert granted(pace)[1].starts_at == START + 17


def test_nothing_new_is_nothing_to_store() -> None:
    pace, taken = granted(Pace())

    same = observed(pace, reservation=taken, health=Health.GOOD, retry_after=None, now=START)

    assert same is pace
    assert not is_news(reservation=taken, health=Health.GOOD)
    assert is_news(reservation=replace(taken, troubled=True), health=Health.GOOD)
    assert is_news(reservation=taken, health=Health.UNAUTHORISED)


def test_every_change_has_a_revision_of_its_own() -> None:
    leased, taken = granted(Pace(revision=4))
    learnt = observed(leased, reservation=taken, health=Health.FAILING, retry_after=5.0, now=START)

    assert (leased.revision, learnt.revision) == (5, 6)


def test_an_idle_account_saves_no_slots_up() -> None:
    pace, _ = granted(Pace())
    pace, first = granted(pace, now=START + 3600)
    _, second = granted(pace, now=START + 3600)

    assert first.starts_at == START + 3600
    assert second.starts_at == pytest.approx(first.starts_at + INTERVAL)
