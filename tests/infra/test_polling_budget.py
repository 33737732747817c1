"""The synthesis warns of a call budget that cannot carry what is to be watched."""

from dataclasses import replace

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match

from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus_config.accounts import KouponAccount, UniqodoAccount
from couponbus_config.stage import StageConfig
from infra.app import warn
from infra.polling_budget import carries, warnings
from tests.infra.stages import DEV

UNIQODO = UniqodoAccount(name="main", base_url="https://uniqodo.example")


def a_stage(**limits: int | None) -> StageConfig:
    return replace(DEV, uniqodo_accounts=(replace(UNIQODO, **limits),))  # type: ignore[arg-type]


@pytest.mark.parametrize("calls_per_day", [None, 0, 1, 2, 19, 60, 10_000, 10_000_000])
@pytest.mark.parametrize("hours", [1, 48.0, 200])
def test_a_budget_carries_what_the_schedule_says(calls_per_day: int | None, hours: float) -> None:
    deployed = PollAccount(
        provider=Provider.KOUPON,
        name="main",
        calls_per_second=3,
        calls_per_day=calls_per_day,
        max_interval_seconds=hours * 3600,
    )
    account = KouponAccount(
        name="main", base_url="", calls_per_day=calls_per_day, max_interval_hours=hours
    )

    assert carries(account) == deployed.carries


def test_what_is_watched_is_compared_with_what_the_budget_carries() -> None:
    assert list(warnings(DEV)) == []
    assert list(warnings(a_stage(calls_per_day=60, watched_customers=51))) == []
    assert list(warnings(a_stage(calls_per_day=60, watched_customers=300))) == [
        "Uniqodo account main: its call budget carries 51 watches at a rest of 48 h, and 300 are to"
        " be watched: raise calls_per_day, calls_per_second or max_interval_hours"
    ]


def test_a_budget_that_carries_no_watch_is_noticed_without_a_number() -> None:
    [warning] = warnings(a_stage(calls_per_day=1))

    assert "carries 0 watches" in warning


def test_the_synthesis_says_so() -> None:
    stack = Stack(App(), "stack")
    warn(stack, a_stage(calls_per_day=1))
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())

    assert ["carries 0 watches" in str(each.entry.data) for each in found] == [True]
