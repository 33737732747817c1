"""Simulated time that runs faster than real time by one factor for all parts.

A minute between two sweeps, the 15 seconds of an attempt and the delay of an answer are all
shortened alike; only the work of this machine is not, so it weighs more than in production.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from couponbus.domain.webhooks.retry_schedule import ATTEMPT_SECONDS
from couponbus.ports.webhooks import Sent, Webhooks

BEGINNING = datetime(2026, 6, 1, tzinfo=UTC)
OURS = 0.2  # real seconds that this machine may need for itself, which are no receiver's fault


class FastClock:
    """`ports.Clock`; `rate` of its seconds pass in a real one."""

    def __init__(self, *, rate: float) -> None:
        """Begin now."""
        self.rate = rate
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the simulated time."""
        return BEGINNING + timedelta(seconds=(time.monotonic() - self._began) * self.rate)

    def sleep(self, seconds: float) -> None:
        """Sleep for simulated seconds."""
        time.sleep(max(seconds, 0.0) / self.rate)


class FastWebhooks:
    """`ports.webhooks.Webhooks` around a sender that uses the real clock."""

    def __init__(self, sender: Webhooks, *, clock: FastClock) -> None:
        """Wrap this sender."""
        self._sender = sender
        self._clock = clock

    def send(
        self, *, url: str, headers: Mapping[str, str], body: bytes, deadline: datetime
    ) -> Sent:
        """Send with the same time limit, converted to real seconds."""
        left = min((deadline - self._clock.now()).total_seconds(), ATTEMPT_SECONDS)
        until = datetime.now(UTC) + timedelta(seconds=left / self._clock.rate)
        sent = self._sender.send(url=url, headers=headers, body=body, deadline=until)
        return replace(sent, seconds=max(sent.seconds - OURS, 0.0) * self._clock.rate)
