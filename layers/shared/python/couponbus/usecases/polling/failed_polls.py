"""What a look that came to nothing says: of one watch, of a promotion, or of the account."""

from dataclasses import dataclass
from typing import Protocol

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    GatewayDenied,
    ProviderBusy,
    ProviderError,
    QuestionRefused,
)
from couponbus.domain.health import Health
from couponbus.domain.provider import Provider
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.metrics import Metric
from couponbus.usecases.polling.pauses import Pausing

CLOCK_SKEW = "clock_skew"
NOT_FOUND = 404


class _Subject(Protocol):
    @property
    def provider(self) -> Provider: ...
    @property
    def account(self) -> str: ...
    @property
    def promotion(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPoll:
    """`closed` are promotions about which nothing more is asked; `is_final` closes the account."""

    health: Health
    retry_after: float | None = None
    closed: frozenset[str | None] = frozenset()
    is_final: bool = False


class FailedPolls:
    """Pauses what an operator must look at, and counts the rest."""

    def __init__(self, *, pausing: Pausing) -> None:
        """Pause there."""
        self._pausing = pausing

    def judged(self, target: _Subject, error: ProviderError, *, run: Invocation) -> FailedPoll:
        """Return what follows from an error."""
        if isinstance(error, ProviderBusy):
            return FailedPoll(health=Health.THROTTLED, retry_after=error.retry_after, is_final=True)
        if isinstance(error, CredentialsRefused):
            return self._without_access(target, error, run)
        if isinstance(error, QuestionRefused):
            return self._unknown(target, error, run)
        if isinstance(error, ContractBroken):
            run.count(Metric.CONTRACT_BROKEN)
            failing = isinstance(error, GatewayAnswered)
            return FailedPoll(health=Health.FAILING if failing else Health.GOOD)
        return FailedPoll(health=Health.FAILING)

    def _without_access(
        self, target: _Subject, error: CredentialsRefused, run: Invocation
    ) -> FailedPoll:
        run.count(Metric.UNAUTHORISED)
        # Clocks agree again by themselves, and a gateway lets pass; a key does not become valid.
        if error.reason != CLOCK_SKEW and not isinstance(error, GatewayDenied):
            run.count(Metric.PAUSED)
            self._pausing.pause_account(target.provider, target.account, reason=error.reason)
        return FailedPoll(health=Health.UNAUTHORISED, is_final=True)

    def _unknown(self, target: _Subject, error: QuestionRefused, run: Invocation) -> FailedPoll:
        """An unknown promotion is the same for all its watches; an unknown consumer is one."""
        run.count(Metric.UNKNOWN_ERROR_CODES, len(error.codes))
        if target.promotion is None or error.status != NOT_FOUND:
            return FailedPoll(health=Health.GOOD)
        run.count(Metric.PAUSED)
        self._pausing.pause_promotion(target.provider, target.account, target.promotion)
        return FailedPoll(health=Health.GOOD, closed=frozenset({target.promotion}))
