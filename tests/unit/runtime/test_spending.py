"""Each account's limits reach the plan and the rate limiter of its own provider."""

import json
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from couponbus.aws.clients import Clients
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus.providers.koupon.account import KouponAccount
from couponbus.providers.uniqodo.account import UniqodoAccount
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.spending import Spender, Spenders, poll_accounts, poll_budgets
from couponbus.runtime.start import Runtime
from tests.fakes.clock import ManualClock

SPENDER = Spender(
    name="brand", calls_per_second=7.0, calls_per_day=9_000, max_interval_seconds=3_600.0
)


def test_what_limits_an_account_is_read_and_the_rest_is_ignored() -> None:
    values = {**SPENDER.model_dump(), "base_url": "http://provider.example", "zone": "nowhere"}

    assert TypeAdapter[tuple[Spender, ...]](Spenders).validate_python(json.dumps([values])) == (
        SPENDER,
    )


def test_accounts_of_one_name_are_two_because_their_providers_are() -> None:
    slower = SPENDER.model_copy(update={"calls_per_second": 1.0, "calls_per_day": None})

    uniqodo, koupon = poll_accounts(uniqodo=[SPENDER], koupon=[slower])

    assert uniqodo == PollAccount(
        provider=Provider.UNIQODO,
        name="brand",
        calls_per_second=7.0,
        calls_per_day=9_000,
        max_interval_seconds=3_600.0,
    )
    assert koupon == replace(
        uniqodo, provider=Provider.KOUPON, calls_per_second=1.0, calls_per_day=None
    )


def test_a_client_and_the_schedule_say_the_same_of_an_unlimited_account() -> None:
    of_uniqodo = UniqodoAccount(name="brand", secret_id="secret")
    of_koupon = KouponAccount(name="brand", base_url="http://127.0.0.1:9", secret_id="secret")

    accounts = poll_accounts(uniqodo=[of_uniqodo], koupon=[of_koupon])

    assert [one.calls_per_second for one in accounts] == [2.0, 3.0]
    assert {(one.calls_per_day, one.max_interval_seconds) for one in accounts} == {
        (None, 172_800.0)
    }


def test_each_provider_has_a_pace_that_knows_its_own_accounts_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    accounts = poll_accounts(uniqodo=[SPENDER], koupon=[])

    runtime = Runtime(
        settings=FunctionSettings(stage="dev", table_name="ledger"),
        clients=Clients(),
        clock=ManualClock(),
    )

    limiters = poll_budgets(runtime, accounts=accounts)

    assert set(limiters) == set(Provider)
    with pytest.raises(ConfigurationInvalid, match="account brand has no calls per second"):
        limiters[Provider.KOUPON].reserve(account="brand", calls=1, within=1.0)
