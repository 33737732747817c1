"""What each status and each failure of a POST means (docs/reliability.md#outcomes-of-a-post)."""

import pytest

from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import Blame, Outcome
from couponbus.providers.classify import Author, judge_failure, judge_status
from couponbus.providers.http.failure import Failure

OPEN = (Outcome.UNKNOWN, Blame.TRANSIENT, Health.FAILING)


@pytest.mark.parametrize(
    ("status", "outcome", "blame", "health"),
    [
        (400, Outcome.UNKNOWN, Blame.BATCH, Health.REFUSING),
        (404, Outcome.UNKNOWN, Blame.BATCH, Health.REFUSING),
        (413, Outcome.UNKNOWN, Blame.BATCH, Health.REFUSING),
        (422, Outcome.UNKNOWN, Blame.BATCH, Health.REFUSING),
        (401, Outcome.REFUSED, Blame.ACCOUNT, Health.UNAUTHORISED),
        (403, Outcome.REFUSED, Blame.ACCOUNT, Health.UNAUTHORISED),
        (429, Outcome.REFUSED, Blame.ACCOUNT, Health.THROTTLED),
    ],
)
def test_a_refusal_in_the_providers_words_is_blamed_on_who_must_change(
    status: int, outcome: Outcome, blame: Blame, health: Health
) -> None:
    verdict = judge_status(status, author=Author.PROVIDER, retry_after=None)

    assert (verdict.outcome, verdict.blame, verdict.health) == (outcome, blame, health)
    assert verdict.reason == f"status_{status}"


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_refusal_of_unknown_author_is_the_trouble_of_the_account(status: int) -> None:
    verdict = judge_status(status, author=Author.UNKNOWN, retry_after=None)

    assert (verdict.outcome, verdict.blame, verdict.health) == OPEN


@pytest.mark.parametrize("status", [401, 403])
def test_an_answer_that_denies_access_says_nothing_of_what_was_done(status: int) -> None:
    verdict = judge_status(status, author=Author.UNKNOWN, retry_after=None)

    assert (verdict.outcome, verdict.health) == (Outcome.UNKNOWN, Health.UNAUTHORISED)


@pytest.mark.parametrize("author", Author)
@pytest.mark.parametrize(
    "status",
    [100, 103, 301, 302, 304, 307, 308, 402, 405, 408, 409, 425, 451, 500, 502, 503, 504, 599],
)
def test_any_other_status_leaves_it_open_what_was_done(status: int, author: Author) -> None:
    verdict = judge_status(status, author=author, retry_after=None)

    assert (verdict.outcome, verdict.blame, verdict.health) == OPEN


@pytest.mark.parametrize(("status", "heard"), [(429, 7.0), (503, 7.0), (500, None), (401, None)])
def test_retry_after_counts_where_it_means_the_account(status: int, heard: float | None) -> None:
    verdict = judge_status(status, author=Author.UNKNOWN, retry_after=7.0)

    assert verdict.retry_after == heard


def test_a_redirect_is_named() -> None:
    assert judge_status(307, author=Author.UNKNOWN, retry_after=None).reason == "redirected"


@pytest.mark.parametrize("failure", list(Failure))
def test_a_failure_is_not_sent_only_where_it_proves_it(failure: Failure) -> None:
    verdict = judge_failure(failure)

    assert (verdict.outcome is Outcome.NOT_SENT) == failure.proves_not_sent
    assert verdict.outcome in (Outcome.NOT_SENT, Outcome.UNKNOWN)
    assert (verdict.blame, verdict.reason) == (Blame.TRANSIENT, failure.value)


def test_only_the_way_there_makes_an_account_unhealthy() -> None:
    good = {failure for failure in Failure if judge_failure(failure).health is Health.GOOD}

    assert good == {Failure.NO_TIME_LEFT, Failure.TOO_LARGE, Failure.ENCODED}


def test_a_verdict_is_the_same_for_each_request() -> None:
    answer = judge_failure(Failure.DEADLINE).for_each_of(3)

    assert [attempt.reason for attempt in answer.attempts] == ["deadline_passed"] * 3
