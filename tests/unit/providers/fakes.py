"""Stand-ins for what the provider adapters are given, that behave like the real thing."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from couponbus.domain.errors import SecretUnavailable

KEY = "test-key-not-real"


class WallClock:
    """Real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def after(self, seconds: float) -> datetime:
        return self.now() + timedelta(seconds=seconds)


@dataclass(slots=True, kw_only=True)
class RotatingKeys:
    """Secrets that are read once; `refresh` brings what has been stored since."""

    stored: dict[str, str] = field(default_factory=lambda: {"secret": KEY})
    refreshed: list[str] = field(default_factory=list)
    _read: dict[str, str] = field(default_factory=dict)

    def api_key(self, secret_id: str) -> str:
        if secret_id not in self._read:
            if secret_id not in self.stored:
                raise SecretUnavailable("it is gone")
            self._read[secret_id] = self.stored[secret_id]
        return self._read[secret_id]

    def refresh(self, secret_id: str) -> None:
        self.refreshed.append(secret_id)
        self._read.pop(secret_id, None)

    def remember(self, keys: Mapping[str, str]) -> None:
        """Treat these as already read, regardless of what is stored."""
        self._read.update(keys)
