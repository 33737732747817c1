"""An account whose answers look wrong gets no more POSTs; a few odd items do no harm."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.brake import HOUR, Brake, BrakeLimits, Cause, Finding
from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer, Outcome, finding_of
from tests.unit.domain.crowd import START

LIMITS = BrakeLimits(share=0.2, items=20, answers=3)
NOT_UNDERSTOOD = Finding(anomalies=1, understood=False)
FINE = Finding(understood=True)
NO_SUCCESS = Finding()


def after(*findings: Finding, posted: int = 0, now: float = START) -> Brake:
    brake = Brake().posting(posted, at=START)
    for finding in findings:
        brake = brake.found(finding, limits=LIMITS, now=now)
    return brake


@pytest.mark.parametrize(
    ("posted", "refused", "anomalies", "cause"),
    [
        (100, 20, 0, None),
        (100, 21, 0, Cause.SHARE),
        (100, 11, 10, Cause.SHARE),
        (20, 19, 0, None),
        (20, 20, 0, Cause.SHARE),
        (10_000, 2000, 0, None),
        (0, 20, 0, Cause.SHARE),
    ],
)
def test_too_large_a_share_of_an_hour_brakes(
    posted: int, refused: int, anomalies: int, cause: Cause | None
) -> None:
    brake = after(Finding(refused=refused, anomalies=anomalies), posted=posted)

    assert (brake.cause, brake.is_held) == (cause, cause is not None)


def test_a_share_of_one_leaves_only_the_answers() -> None:
    limits = replace(LIMITS, share=1.0)
    refused = Brake().posting(20, at=START).found(Finding(refused=20), limits=limits, now=START)
    brake = refused
    for _ in range(3):
        brake = brake.found(NOT_UNDERSTOOD, limits=limits, now=START)

    assert (refused.cause, brake.cause) == (None, Cause.NOT_UNDERSTOOD)


def test_what_was_odd_an_hour_ago_is_forgotten() -> None:
    odd = Finding(refused=19)
    brake = after(odd, posted=30)

    later = brake.posting(30, at=START + HOUR).found(odd, limits=LIMITS, now=START + HOUR)
    sooner = brake.posting(0, at=START + HOUR - 1).found(odd, limits=LIMITS, now=START + HOUR)

    assert (later.is_held, sooner.is_held) == (False, True)
    assert (later.posted, sooner.refused) == (30, 38)


@pytest.mark.parametrize(
    ("findings", "cause"),
    [
        ([NOT_UNDERSTOOD] * 2, None),
        ([NOT_UNDERSTOOD] * 3, Cause.NOT_UNDERSTOOD),
        ([NOT_UNDERSTOOD, NOT_UNDERSTOOD, FINE, NOT_UNDERSTOOD], None),
        (
            [NOT_UNDERSTOOD, NO_SUCCESS, NOT_UNDERSTOOD, NO_SUCCESS, NOT_UNDERSTOOD],
            Cause.NOT_UNDERSTOOD,
        ),
    ],
)
def test_answers_in_a_row_that_are_not_understood_brake(
    findings: list[Finding], cause: Cause | None
) -> None:
    brake = after(*findings, posted=1000)

    assert (brake.cause, brake.is_held) == (cause, cause is not None)


def test_a_brake_says_since_when_and_for_what_however_much_is_found_later() -> None:
    brake = after(Finding(refused=30), posted=30)

    later = brake.found(NOT_UNDERSTOOD, limits=LIMITS, now=START + 60)
    for _ in range(3):
        later = later.found(NOT_UNDERSTOOD, limits=LIMITS, now=START + 60)

    assert (later.cause, later.held_at) == (Cause.SHARE, START)


@given(st.lists(st.integers(0, 200), max_size=30))
def test_items_that_are_all_as_they_should_be_never_brake(batches: list[int]) -> None:
    brake = Brake()
    for index, items in enumerate(batches):
        brake = brake.posting(items, at=START + index).found(FINE, limits=LIMITS, now=START)

    assert not brake.is_held
    assert brake.posted == sum(batches)


def of(*outcomes: Outcome, anomalies: int = 0, unexplained: int = 0) -> BatchAnswer:
    attempts = [Attempt(outcome=outcome, reason="any") for outcome in outcomes]
    return BatchAnswer(
        attempts=attempts, health=Health.GOOD, anomalies=anomalies, unexplained=unexplained
    )


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        (of(Outcome.APPLIED), Finding(understood=True)),
        (of(Outcome.APPLIED, anomalies=1), Finding(understood=True, anomalies=1)),
        (of(Outcome.UNKNOWN, unexplained=1), Finding(understood=False, anomalies=1)),
        (of(Outcome.UNKNOWN), Finding()),
        (of(Outcome.NOT_SENT), Finding()),
        (of(), Finding()),
        (
            of(Outcome.APPLIED, Outcome.CONTRADICTED, anomalies=1, unexplained=1),
            Finding(understood=True, anomalies=1),
        ),
    ],
)
def test_a_success_is_understood_if_anything_in_it_is(
    answer: BatchAnswer, finding: Finding
) -> None:
    assert finding_of(answer, refused=0) == finding
    assert finding_of(answer, refused=1).refused == 1
