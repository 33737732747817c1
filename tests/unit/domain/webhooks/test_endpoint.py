"""An endpoint is active, paused, disabled with a reason, or removed for good."""

from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.webhooks.endpoint import (
    DisabledBecause,
    Endpoint,
    EndpointState,
    Scope,
    endpoint_key,
)
from couponbus.domain.webhooks.retry_schedule import (
    DISABLED_AFTER,
    FORGIVEN,
    PROBATION,
    PROBATION_MOST,
    QUICK_SECONDS,
    SLOW_SECONDS,
)
from tests.fakes.clock import NOON

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
SOON = NOON + timedelta(minutes=1)
SHOP = Endpoint(
    endpoint_id="shop",
    tenant="default",
    url="https://hooks.shop.example/couponbus?token=not-real",
    created_at=NOON - HOUR,
)
PAUSED = SHOP.paused(now=NOON)
DISABLED = SHOP.disabled(because=DisabledBecause.GONE, now=NOON, publish_by=SOON)
REMOVED = SHOP.removed(now=NOON)


def failed(endpoint: Endpoint, *, after: timedelta = timedelta(0)) -> Endpoint:
    return endpoint.failed(now=NOON + after, publish_by=SOON + after)


def test_it_is_found_by_its_id_and_does_not_show_its_address() -> None:
    assert SHOP.key == endpoint_key("shop") == "ENDPOINT#shop"
    assert SHOP.host == "hooks.shop.example"
    assert "not-real" not in repr(SHOP)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.shop.example", "hooks.shop.example"),
        ("https://hooks.shop.example?token=not-real", "hooks.shop.example"),
        ("https://ann:not-real@hooks.shop.example/", "hooks.shop.example"),
        ("http://127.0.0.1:9000/couponbus", "127.0.0.1:9000"),
        ("", ""),
    ],
)
def test_of_an_address_only_the_host_is_published(url: str, host: str) -> None:
    assert replace(SHOP, url=url).host == host


def test_the_first_failure_is_kept_and_the_next_ones_change_nothing() -> None:
    once = failed(SHOP)

    assert (once.failing_since, SHOP.failing_since) == (NOON, None)
    assert failed(once, after=HOUR) is once
    assert failed(once, after=DISABLED_AFTER - SECOND) is once


def test_five_days_after_the_first_failure_another_one_disables_and_is_published() -> None:
    ended = failed(failed(SHOP), after=DISABLED_AFTER)

    assert (ended.state, ended.reason) == (EndpointState.DISABLED, DisabledBecause.FAILING)
    assert (ended.failing_since, ended.changed_at) == (NOON, NOON + DISABLED_AFTER)
    assert (ended.outcomes, ended.unpublished) == (1, True)
    assert ended.due_at == SOON + DISABLED_AFTER


def test_a_success_in_between_begins_the_five_days_anew() -> None:
    well = failed(SHOP).succeeded(now=NOON + HOUR)
    again = failed(well, after=2 * HOUR)

    assert (well.failing_since, again.failing_since) == (None, NOON + 2 * HOUR)
    assert failed(again, after=DISABLED_AFTER + HOUR).state is EndpointState.ACTIVE
    assert [step.what for step in again.trail] == ["failing", "recovered", "failing"]


def test_a_quick_failure_parks_no_endpoint_before_it_has_lasted() -> None:
    once = failed(SHOP)

    assert not once.keeps_waiting(NOON + FORGIVEN - SECOND)
    assert once.keeps_waiting(NOON + FORGIVEN)
    assert not once.succeeded(now=NOON + HOUR).keeps_waiting(NOON + HOUR)


def test_a_healthy_endpoint_changes_nothing_by_a_success() -> None:
    assert SHOP.succeeded(now=NOON) is SHOP


def test_a_slow_endpoint_keeps_others_waiting_until_it_is_quick_again() -> None:
    slow = SHOP.answered_in(SLOW_SECONDS, now=NOON)
    quick = slow.answered_in(QUICK_SECONDS / 2, now=NOON + HOUR)

    assert (slow.slow_since, slow.keeps_waiting(NOON), slow.failing_since) == (NOON, True, None)
    assert (quick.slow_since, quick.keeps_waiting(NOON + HOUR)) == (None, False)
    assert [step.what for step in quick.trail] == ["slow", "no longer slow"]
    assert (
        slow.disabled(because=DisabledBecause.GONE, now=NOON, publish_by=SOON)
        .announced(now=SOON)
        .resumed(now=SOON)
        .slow_since
        is None
    )


def test_an_endpoint_that_was_slow_is_not_trusted_at_once_however_quick_it_is() -> None:
    slow = SHOP.answered_in(SLOW_SECONDS, now=NOON)

    assert slow.answered_in(QUICK_SECONDS / 2, now=NOON + PROBATION - SECOND) is slow
    assert slow.answered_in(QUICK_SECONDS / 2, now=NOON + PROBATION).slow_since is None


def test_each_relapse_costs_twice_the_time_up_to_some_hours() -> None:
    endpoint, spans, now = SHOP, [], NOON
    for _ in range(12):
        endpoint = endpoint.answered_in(SLOW_SECONDS, now=now)
        trusted_at = endpoint.trusted_at
        assert trusted_at is not None
        spans.append(trusted_at - now)
        endpoint = endpoint.answered_in(QUICK_SECONDS / 2, now=trusted_at)
        now = trusted_at + PROBATION_MOST - SECOND

    assert spans[:4] == [PROBATION, 2 * PROBATION, 4 * PROBATION, 8 * PROBATION]
    assert spans[-2:] == [PROBATION_MOST, PROBATION_MOST]


def test_an_endpoint_that_is_slow_again_after_a_long_time_begins_anew() -> None:
    twice = SHOP.answered_in(SLOW_SECONDS, now=NOON).answered_in(
        QUICK_SECONDS / 2, now=NOON + PROBATION
    )
    again = twice.answered_in(SLOW_SECONDS, now=NOON + PROBATION + PROBATION_MOST)

    assert again.trusted_at == NOON + PROBATION + PROBATION_MOST + PROBATION


def test_what_is_neither_slow_nor_quick_changes_nothing() -> None:
    slow = SHOP.answered_in(SLOW_SECONDS, now=NOON)
    between = (SLOW_SECONDS + QUICK_SECONDS) / 2

    assert SHOP.answered_in(between, now=NOON) is SHOP
    assert slow.answered_in(between, now=NOON) is slow
    assert DISABLED.answered_in(SLOW_SECONDS, now=NOON) is DISABLED


def test_a_success_of_one_that_is_disabled_comes_too_late() -> None:
    disabled = failed(failed(SHOP), after=DISABLED_AFTER)

    assert disabled.succeeded(now=SOON) is disabled


@pytest.mark.parametrize("endpoint", [PAUSED, DISABLED, REMOVED])
def test_a_failure_after_that_says_nothing_any_more(endpoint: Endpoint) -> None:
    assert failed(endpoint) is endpoint


@pytest.mark.parametrize("endpoint", [DISABLED, REMOVED])
def test_nothing_is_disabled_twice(endpoint: Endpoint) -> None:
    again = endpoint.disabled(because=DisabledBecause.GONE, now=NOON, publish_by=SOON)

    assert again is endpoint


def test_a_paused_one_can_be_disabled_and_resumed() -> None:
    gone = PAUSED.disabled(because=DisabledBecause.GONE, now=NOON, publish_by=SOON)
    active = failed(PAUSED.resumed(now=NOON))

    assert gone.state is EndpointState.DISABLED
    assert active.failing_since is not None


def test_a_resumed_endpoint_begins_well_and_still_owes_what_was_decided() -> None:
    resumed = failed(failed(SHOP), after=DISABLED_AFTER).resumed(now=NOON + 9 * DISABLED_AFTER)

    assert (resumed.state, resumed.reason, resumed.failing_since) == (
        EndpointState.ACTIVE,
        None,
        None,
    )
    assert resumed.unpublished
    assert resumed.due_at is not None


def test_another_disabling_is_another_outcome() -> None:
    again = DISABLED.announced(now=SOON).resumed(now=SOON)

    twice = again.disabled(because=DisabledBecause.GONE, now=SOON, publish_by=SOON)

    assert (DISABLED.outcomes, again.unpublished, twice.outcomes) == (1, False, 2)


def test_a_removed_one_forgets_where_it_was() -> None:
    assert (REMOVED.state, REMOVED.url, REMOVED.changed_at) == (EndpointState.REMOVED, "", NOON)


@pytest.mark.parametrize(
    ("endpoint", "refused"),
    [
        (SHOP, ["resumed"]),
        (PAUSED, ["paused"]),
        (DISABLED, ["paused"]),
        (REMOVED, ["paused", "resumed", "rotated", "removed"]),
    ],
    ids=["active", "paused", "disabled", "removed"],
)
def test_only_some_steps_lead_on_from_each_state(endpoint: Endpoint, refused: list[str]) -> None:
    steps = {
        "paused": endpoint.paused,
        "resumed": endpoint.resumed,
        "rotated": endpoint.rotated,
        "removed": endpoint.removed,
    }

    for name, step in steps.items():
        if name in refused:
            with pytest.raises(TransitionRefused):
                step(now=NOON)
        else:
            assert step(now=NOON).trail[-1].at == NOON


def test_it_may_read_what_it_was_given_the_scope_for() -> None:
    assert not SHOP.may_read(Scope.BARCODE_READ)
    assert replace(SHOP, scopes=("barcode:read",)).may_read(Scope.BARCODE_READ)
