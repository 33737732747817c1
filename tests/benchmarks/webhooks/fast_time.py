"""Time that runs faster than that of the wall, for everybody and by the same factor.

A minute between two sweeps, the 15 seconds of an attempt and an answer after a while are all
shortened alike; only the work of this machine is not, so it weighs more than in truth.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from couponbus.domain.webhooks.retry_schedule import ATTEMPT_SECONDS
from couponbus.ports.webhooks import Sent, Webhooks

BEGINNING = datetime(2026, 6, 1, tzinfo=UTC)
OURS = 0.2  # seconds of the wall that this machine may need for itself: no receiver's fault


class FastClock:
    """`ports.Clock`; `rate` of its seconds pass in one of the wall."""

    def __init__(self, *, rate: float) -> None:
        """Begin now."""
        self.rate = rate
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the time in these days."""
        return BEGINNING + timedelta(seconds=(time.monotonic() - self._began) * self.rate)

    def sleep(self, seconds: float) -> None:
        """Let so many of our seconds pass."""
        time.sleep(max(seconds, 0.0) / self.rate)


class FastWebhooks:
    """`ports.webhooks.Webhooks` for a sender that goes by the wall's clock."""

    def __init__(self, sender: Webhooks, *, clock: FastClock) -> None:
        """Send by this way."""
        self._sender = sender
        self._clock = clock

    def send(
        self, *, url: str, headers: Mapping[str, str], body: bytes, deadline: datetime
    ) -> Sent:
        """Give the sender the time limit that it would keep to, in the seconds of the wall."""
        left = min((deadline - self._clock.now()).total_seconds(), ATTEMPT_SECONDS)
        until = datetime.now(UTC) + timedelta(seconds=left / self._clock.rate)
        sent = self._sender.send(url=url, headers=headers, body=body, deadline=until)
        return replace(sent, seconds=max(sent.seconds - OURS, 0.0) * self._clock.rate)
