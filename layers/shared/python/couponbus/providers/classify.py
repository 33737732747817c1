"""What a POST did, by its status or failure (docs/reliability.md#outcomes-of-a-post)."""

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
    """Who wrote an answer that is no success, as far as its body shows."""

    PROVIDER = auto()  # it has the form of the provider's own errors
    UNKNOWN = auto()  # a gateway may have written it


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The same outcome for each request of a POST."""

    outcome: Outcome
    reason: str
    blame: Blame = Blame.NOBODY
    health: Health = Health.GOOD
    retry_after: float | None = None

    def for_each_of(self, requests: int) -> BatchAnswer:
        """Spread it over the requests."""
        attempt = Attempt(outcome=self.outcome, reason=self.reason, blame=self.blame)
        return BatchAnswer(
            attempts=(attempt,) * requests, health=self.health, retry_after=self.retry_after
        )


def judge_failure(failure: Failure) -> Verdict:
    """Return the verdict when there is no answer: UNKNOWN unless nothing can have been sent."""
    outcome = Outcome.NOT_SENT if failure.proves_not_sent else Outcome.UNKNOWN
    return Verdict(outcome=outcome, reason=failure.value, health=_health_of(failure))


def judge_status(status: int, *, author: Author, retry_after: float | None) -> Verdict:
    """Return the verdict of an answer that is no success by its status.

    A refusal of everything that a call asked for blames the batch, also a batch of one: whether
    it is the item or the account, other calls show. In unknown words it is the account's
    trouble, and says nothing of what was done; only a limit of calls stands before all work,
    the provider's as well as a gateway's.
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
        # Who guards the way reads answers too: a success may come back as "403 Forbidden".
        return Verdict(
            outcome=Outcome.REFUSED if author is Author.PROVIDER else Outcome.UNKNOWN,
            reason=reason,
            blame=Blame.ACCOUNT,
            health=Health.UNAUTHORISED,
        )
    if status in _BAD_REQUEST and author is Author.PROVIDER:
        # Some providers refuse the batch after a part of it is done: it is looked up first.
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
