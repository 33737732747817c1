"""A failing provider gets few calls, and all workers go on soon after it has recovered."""

import pytest

from couponbus.domain.circuit_breaker import FAILURES_TO_OPEN, RECOVERY, RECOVERY_CAP, Purpose
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import THROTTLED_PAUSE, Outlook, Pace, observed, outlook
from tests.unit.domain.crowd import START, failed, granted


def test_failures_that_happen_together_open_the_breaker_once() -> None:
    pace, reservations = Pace(), []
    for _ in range(50):
        pace, taken = granted(pace)
        reservations.append(taken)

    for taken in reservations:
        pace = observed(pace, reservation=taken, health=Health.FAILING, retry_after=None, now=START)

    assert pace.gets.openings == 1
    assert pace.gets.closed_until == START + RECOVERY


def test_a_failing_probe_doubles_the_pause_up_to_a_minute() -> None:
    pace, now = failed(Pace(), times=FAILURES_TO_OPEN), START
    pauses = [pace.gets.closed_until - now]

    for _ in range(5):
        now = pace.gets.closed_until
        pace = failed(pace, times=1, now=now)
        pauses.append(pace.gets.closed_until - now)

    assert pauses == [30.0, 60.0, 60.0, 60.0, RECOVERY_CAP, RECOVERY_CAP]


def test_a_probe_whose_worker_died_is_followed_by_another() -> None:
    pace = failed(Pace(), times=FAILURES_TO_OPEN)

    pace, lost = granted(pace, calls=5)
    pace, another = granted(pace)

    assert lost.calls == 1
    assert another.starts_at == pytest.approx(lost.starts_at + RECOVERY)


def test_a_call_from_before_the_breaker_opened_does_not_close_it() -> None:
    before, early = granted(Pace())
    pace = failed(before, times=FAILURES_TO_OPEN)

    late = observed(pace, reservation=early, health=Health.GOOD, retry_after=None, now=START + 1)

    assert late is pace


def test_being_throttled_opens_no_breaker_but_makes_the_next_call_one_to_find_out_by() -> None:
    pace, taken = granted(Pace())
    for _ in range(FAILURES_TO_OPEN * 2):
        pace = observed(
            pace, reservation=taken, health=Health.THROTTLED, retry_after=1.0, now=START
        )

    assert not pace.gets.is_open
    assert granted(pace)[1].troubled


def test_an_account_throttled_repeatedly_without_retry_after_waits_longer() -> None:
    pace, taken = granted(Pace())
    pauses: list[float] = []
    for _ in range(6):
        now = max(pace.paused_until, START)
        pace = observed(pace, reservation=taken, health=Health.THROTTLED, retry_after=None, now=now)
        pauses.append(pace.paused_until - now)

    assert pauses == [THROTTLED_PAUSE, 10.0, 20.0, 40.0, RECOVERY_CAP, RECOVERY_CAP]


def test_posts_that_fail_leave_questions_alone_and_the_other_way_round() -> None:
    pace = failed(Pace(), times=FAILURES_TO_OPEN, purpose=Purpose.POST)

    _, question = granted(pace)
    _, post = granted(pace, purpose=Purpose.POST)

    assert (question.troubled, post.troubled) == (False, True)
    assert question.starts_at < START + 1
    assert post.starts_at >= START + RECOVERY


def test_a_question_that_is_answered_again_lets_a_post_find_out_at_once() -> None:
    pace = failed(Pace(), times=FAILURES_TO_OPEN, purpose=Purpose.POST)
    pace = failed(pace, times=FAILURES_TO_OPEN)
    pace, probe = granted(pace, now=START + RECOVERY)

    pace = observed(
        pace, reservation=probe, health=Health.GOOD, retry_after=None, now=START + RECOVERY + 1
    )
    _, post = granted(pace, now=START + RECOVERY + 1, purpose=Purpose.POST)

    assert post.troubled
    assert post.starts_at == START + RECOVERY + 1


def test_an_answer_while_nothing_was_wrong_with_questions_says_nothing_of_posts() -> None:
    pace = failed(Pace(), times=FAILURES_TO_OPEN, purpose=Purpose.POST)
    pace, taken = granted(pace)

    same = observed(pace, reservation=taken, health=Health.GOOD, retry_after=None, now=START + 1)

    assert same is pace


@pytest.mark.parametrize("purpose", Purpose)
def test_the_outlook_shows_what_a_reservation_would_meet(purpose: Purpose) -> None:
    well = outlook(Pace(), purpose=purpose)
    pace = failed(Pace(), times=FAILURES_TO_OPEN, purpose=purpose)
    pace, taken = granted(pace)
    pace = observed(pace, reservation=taken, health=Health.THROTTLED, retry_after=5.0, now=START)

    assert well == Outlook(opens_at=0.0, troubled=False)
    assert outlook(pace, purpose=purpose).troubled
    assert outlook(pace, purpose=purpose).opens_at >= START + 5
