"""A small Coniq in memory: barcodes and customers by account, and a script of what goes wrong."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from couponbus.domain.errors import ProviderError
from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer, Blame, Outcome
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest
from couponbus.ports.shared import Clock
from tests import factories


class Fate(Enum):
    """The outcome of one POST."""

    DONE = auto()
    NOT_SENT = auto()
    THROTTLED = auto()
    UNAUTHORISED = auto()
    BATCH_REFUSED = auto()
    LOST_BEFORE = auto()
    LOST_AFTER = auto()
    LATE = auto()


type Script = Fate | Callable[[Sequence[BarcodeRequest]], BatchAnswer]

RETRY_AFTER = 7.0
LATE_BY = timedelta(seconds=20)

_ANSWERS = {
    Fate.NOT_SENT: (Outcome.NOT_SENT, "connect_timeout", Blame.TRANSIENT, Health.FAILING),
    Fate.THROTTLED: (Outcome.REFUSED, "http_429", Blame.ACCOUNT, Health.THROTTLED),
    Fate.UNAUTHORISED: (Outcome.REFUSED, "http_401", Blame.ACCOUNT, Health.UNAUTHORISED),
    Fate.BATCH_REFUSED: (Outcome.UNKNOWN, "http_400", Blame.BATCH, Health.GOOD),
    Fate.LOST_BEFORE: (Outcome.UNKNOWN, "read_timeout", Blame.TRANSIENT, Health.FAILING),
    Fate.LOST_AFTER: (Outcome.UNKNOWN, "read_timeout", Blame.TRANSIENT, Health.FAILING),
    Fate.LATE: (Outcome.UNKNOWN, "http_504", Blame.TRANSIENT, Health.FAILING),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A barcode at the provider; look-ups do not find it before `visible_from`."""

    account: str
    barcode: Barcode
    visible_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One call that reached `issue`."""

    account: str
    requests: Sequence[BarcodeRequest]
    deadline: datetime


class MemoryBarcodes:
    """Makes the requested barcodes, unless the script says otherwise.

    A tracking code among `poison` makes its whole batch fail; one in `refused_items` only itself.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._script: deque[Script] = deque()
        self._find_failures: deque[ProviderError] = deque()
        self._customers: dict[tuple[str, str], int] = {}
        self._unclear: dict[str, ProviderError] = {}
        self.made: list[Made] = []
        self.posts: list[Post] = []
        self.question_seconds = 0.0  # that a GET takes
        self.poison: set[str] = set()
        self.refused_items: dict[str, str] = {}

    def will(self, *script: Script) -> None:
        """Plan the outcomes of the next POSTs; later ones succeed."""
        self._script.extend(script)

    def will_not_answer_questions(self, *errors: ProviderError) -> None:
        """Plan what the next GETs raise."""
        self._find_failures.extend(errors)

    def answers_questions_again(self) -> None:
        """Forget what was planned for GETs."""
        self._find_failures.clear()

    def knows(self, *, account: str, email: str, customer_id: int) -> None:
        self._customers[account, email] = customer_id

    def cannot_say(self, email: str, error: ProviderError) -> None:
        """Plan what each look-up of an e-mail raises."""
        self._unclear[email] = error

    def can_say_again(self, email: str) -> None:
        del self._unclear[email]

    def has(self, *, account: str, barcode: Barcode) -> None:
        """Let a barcode exist that was not requested by `issue`."""
        self.made.append(Made(account=account, barcode=barcode, visible_from=self._clock.now()))

    def of(self, tracking_code: str) -> list[Barcode]:
        """Return all barcodes made for a tracking code, visible or not."""
        return [each.barcode for each in self.made if each.barcode.tracking_code == tracking_code]

    def issue(
        self, *, account: str, requests: Sequence[BarcodeRequest], deadline: datetime
    ) -> BatchAnswer:
        self.posts.append(Post(account=account, requests=tuple(requests), deadline=deadline))
        fate = self._script.popleft() if self._script else Fate.DONE
        if not isinstance(fate, Fate):
            return fate(requests)
        if fate is Fate.DONE and any(each.tracking_code in self.poison for each in requests):
            fate = Fate.BATCH_REFUSED
        if fate is Fate.DONE:
            return BatchAnswer(
                attempts=[self._attempt(account, request) for request in requests],
                health=Health.GOOD,
            )
        if fate in (Fate.LOST_AFTER, Fate.LATE):
            delay = LATE_BY if fate is Fate.LATE else timedelta()
            for request in requests:
                self._make(account, request, delay=delay)
        return self._failure(fate, requests)

    def find(
        self, *, account: str, request: BarcodeRequest, deadline: datetime
    ) -> Sequence[Barcode]:
        """Return this customer's barcodes of the offer, under any tracking code."""
        return self.existing(account=account, request=request, deadline=deadline)

    def existing(
        self, *, account: str, request: BarcodeRequest, deadline: datetime
    ) -> Sequence[Barcode]:
        self._answer_or_raise()
        now = self._clock.now()
        return [
            each.barcode
            for each in self.made
            if each.account == account
            and each.visible_from <= now
            and each.barcode.customer_id == request.customer_id
            and each.barcode.offer_id == request.offer_id
        ]

    def find_customer(self, *, account: str, email: str, deadline: datetime) -> int | None:
        self._answer_or_raise()
        if (unclear := self._unclear.get(email)) is not None:
            raise unclear
        return self._customers.get((account, email))

    def _answer_or_raise(self) -> None:
        if self.question_seconds:
            self._clock.sleep(self.question_seconds)
        if self._find_failures:
            raise self._find_failures.popleft()

    def _attempt(self, account: str, request: BarcodeRequest) -> Attempt:
        reason = self.refused_items.get(request.tracking_code)
        if reason is not None:
            return Attempt(outcome=Outcome.UNKNOWN, reason=reason, blame=Blame.ITEM)
        barcode = self._make(account, request, delay=timedelta())
        return Attempt(outcome=Outcome.APPLIED, reason="created", barcode=barcode)

    def _make(self, account: str, request: BarcodeRequest, *, delay: timedelta) -> Barcode:
        now = self._clock.now()
        barcode = replace(factories.any_barcode(of=request), created_at=now + delay)
        self.made.append(Made(account=account, barcode=barcode, visible_from=now + delay))
        return barcode

    def _failure(self, fate: Fate, requests: Sequence[BarcodeRequest]) -> BatchAnswer:
        outcome, reason, blame, health = _ANSWERS[fate]
        if blame is Blame.BATCH and len(requests) == 1:
            blame = Blame.ITEM
        attempt = Attempt(outcome=outcome, reason=reason, blame=blame)
        return BatchAnswer(
            attempts=[attempt] * len(requests),
            health=health,
            retry_after=RETRY_AFTER if fate is Fate.THROTTLED else None,
        )
