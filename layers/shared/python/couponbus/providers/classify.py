"""The outcome of a POST, by its status or failure (docs/reliability.md#outcomes-of-a-post)."""

from dataclasses import dataclass
from enum import Enum, auto

from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer, Blame, Outcome
from couponbus.providers.http.failure import Failure

_REDIRECTION = range(300, 400)
_TOO_MANY = 429
_BUSY = 503
_NO_ACCESS = frozenset({401, 403})
_BAD_REQUEST = frozenset({400, 404, 413, 422})


class Author(Enum):
    """Who wrote an error response, as far as its body shows."""

    PROVIDER = auto()  # it has the form of the provider's own errors
    UNKNOWN = auto()  # a gateway may have written it


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One outcome for all requests of a POST."""

    outcome: Outcome
    reason: str
    blame: Blame = Blame.TRANSIENT
    health: Health = Health.GOOD
    retry_after: float | None = None

    def for_each_of(self, requests: int) -> BatchAnswer:
        """Return an attempt with this outcome for each request."""
        attempt = Attempt(outcome=self.outcome, reason=self.reason, blame=self.blame)
        return BatchAnswer(
            attempts=(attempt,) * requests, health=self.health, retry_after=self.retry_after
        )


def judge_failure(failure: Failure) -> Verdict:
    """Return the verdict without a response: UNKNOWN unless provably nothing was sent."""
    outcome = Outcome.NOT_SENT if failure.proves_not_sent else Outcome.UNKNOWN
    return Verdict(outcome=outcome, reason=failure.value, health=_health_of(failure))


def judge_status(status: int, *, author: Author, retry_after: float | None) -> Verdict:
    """Return the verdict of a response whose status is not a success.

    A refusal of a whole call blames the batch, also a batch of one: only other calls show whether
    the item or the account is at fault. An error of unknown form is a failure of the account, and
    its outcome is UNKNOWN. Only a rate limit, the provider's as well as a gateway's, is applied
    before any work, so it is REFUSED.
    """
    reason = f"status_{status}"
    if status == _TOO_MANY:
        return Verdict(
            outcome=Outcome.REFUSED,
            reason=reason,
            blame=Blame.ACCOUNT,
            health=Health.THROTTLED,
            retry_after=retry_after,
        )
    if status in _NO_ACCESS:
        # A gateway inspects responses too: a success may come back as its "403 Forbidden".
        return Verdict(
            outcome=Outcome.REFUSED if author is Author.PROVIDER else Outcome.UNKNOWN,
            reason=reason,
            blame=Blame.ACCOUNT,
            health=Health.UNAUTHORISED,
        )
    if status in _BAD_REQUEST and author is Author.PROVIDER:
        # Some providers refuse a batch after a part of it is done, so it is looked up first.
        return Verdict(
            outcome=Outcome.UNKNOWN, reason=reason, blame=Blame.BATCH, health=Health.REFUSING
        )
    return Verdict(
        outcome=Outcome.UNKNOWN,
        reason="redirected" if status in _REDIRECTION else reason,
        health=Health.FAILING,
        retry_after=retry_after if status == _BUSY else None,
    )


def _health_of(failure: Failure) -> Health:
    if failure is Failure.NO_TIME_LEFT or failure.is_answer:
        return Health.GOOD
    return Health.FAILING
