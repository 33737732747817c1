"""The secrets of callers, which a test can rotate and take away, and their ignored callbacks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from couponbus.domain.errors import CouponbusError
from couponbus.domain.inbound.ignored_callbacks import IgnoredCallbacks, IgnoreReason
from couponbus.ports.shared import Clock
from tests.fakes.clock import ManualClock


class _Renewable[Secret]:
    """A cached secret that may be old; `renewals` counts how often it was read again."""

    def __init__(self, secret: Secret) -> None:
        self.rotated = secret
        self.failure: CouponbusError | None = None
        self.renewals = 0
        self._known = secret

    def current(self) -> Secret:
        if self.failure is not None:
            raise self.failure
        return self._known

    def renewed(self) -> Secret:
        self.renewals += 1
        self._known = self.rotated
        return self.current()


class MemorySigningKeys(_Renewable[Sequence[bytes]]):
    """`ports.callbacks.SigningKeys`."""


class MemoryPathSecrets(_Renewable[Mapping[str, Sequence[str]]]):
    """`ports.callbacks.PathSecrets`."""


class MemoryIgnoredCallbacks:
    """`ports.IgnoredCallbackCounts`: a counter and the latest time for each account and day."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or ManualClock()
        self._days: dict[tuple[str, date], tuple[Counter[IgnoreReason], datetime]] = {}

    @property
    def is_empty(self) -> bool:
        return not self._days

    def count(self, *, account: str, reason: IgnoreReason) -> None:
        now = self._clock.now()
        numbers, _ = self._days.get((account, now.date()), (Counter(), now))
        self._days[account, now.date()] = (numbers + Counter([reason]), now)

    def recent(self, account: str) -> IgnoredCallbacks | None:
        since = self._clock.now().date() - timedelta(days=1)
        found = [each for (of, day), each in self._days.items() if of == account and day >= since]
        if not found:
            return None
        return IgnoredCallbacks(
            numbers=sum((numbers for numbers, _ in found), Counter()),
            last_at=max(at for _, at in found),
        )
