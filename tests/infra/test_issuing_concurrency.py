"""The synthesis warns of a concurrency far from what the calls at Coniq keep busy."""

from dataclasses import replace

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match

from couponbus_config.accounts import ConiqAccount
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.stage import StageConfig
from infra.app import warn
from infra.issuing_concurrency import kept_busy, warnings
from tests.benchmarks.cost.prices import PRICES
from tests.benchmarks.shapes import FULL
from tests.infra.stages import DEV, STAGES


def a_stage(*paces: float, concurrency: int = 2, seconds: float = 1.0) -> StageConfig:
    accounts = tuple(
        ConiqAccount(
            name=f"brand-{number}", base_url="https://coniq.example.com", calls_per_second=pace
        )
        for number, pace in enumerate(paces)
    )
    return replace(DEV, accounts=accounts, concurrency=concurrency, seconds_per_post=seconds)


@pytest.mark.parametrize(
    ("paces", "seconds", "workers"),
    [((3.0,), 1.0, 3), ((3.0,), 0.9, 2), ((3.0, 3.0, 4.0), 1.5, 15), ((0.5,), 0.2, 2)],
)
def test_workers_are_kept_busy_by_pace_and_latency_and_lambda_takes_no_fewer_than_two(
    paces: tuple[float, ...], seconds: float, workers: int
) -> None:
    assert kept_busy(a_stage(*paces, seconds=seconds)) == workers


def test_the_stages_are_as_their_pace_and_latency_say() -> None:
    for stage in STAGES.values():
        assert stage.concurrency == kept_busy(stage)


def test_a_post_is_assumed_to_take_as_long_as_the_bill_assumes() -> None:
    assert DEV.seconds_per_post == pytest.approx(
        PRICES.gigabyte_seconds("issue_barcodes", records=FULL)  # with one gigabyte
    )


def test_three_times_as_many_or_half_as_many_are_not_far_off() -> None:
    for concurrency in (5, 10, 30):
        assert list(warnings(a_stage(10.0, concurrency=concurrency))) == []


def test_too_many_and_too_few_are_named_with_what_follows() -> None:
    [many] = warnings(a_stage(3.0, concurrency=10))
    [few] = warnings(a_stage(10.0, concurrency=3))

    assert "concurrency is 10" in many
    assert "keep 3 workers busy" in many
    assert "split the batches" in many
    assert "keep 10 workers busy" in few
    assert "slower than Coniq allows" in few


def test_the_synthesis_says_so() -> None:
    stack = Stack(App(), "stack")

    warn(stack, a_stage(3.0, concurrency=10))

    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert ["split the batches" in str(each.entry.data) for each in found] == [True]


@pytest.mark.parametrize(
    "wrong",
    [
        {"concurrency": 1},
        {"concurrency": 1001},
        {"window_seconds": 0},
        {"window_seconds": 301},
        {"seconds_per_post": 0.0},
    ],
)
def test_what_lambda_would_refuse_is_refused_before(wrong: dict[str, float]) -> None:
    [name] = wrong

    with pytest.raises(ConfigurationError, match=name):
        replace(DEV, **wrong)  # type: ignore[arg-type]
