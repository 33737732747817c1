"""A token bucket, as API Gateway limits requests: a burst at once, and a rate on average."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class TokenBucket:
    """Holds up to `burst` tokens, full at first; `clock` returns seconds that only grow."""

    rate: float
    burst: float
    clock: Callable[[], float]
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        """Fill it."""
        self._tokens, self._at = self.burst, self.clock()

    def take(self) -> bool:
        """Take a token, or return False when there is none."""
        now = self.clock()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
