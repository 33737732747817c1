"""What answers say about an endpoint: healthy, slow, failing since, or to be disabled."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.timing import Timing
from couponbus.domain.webhooks.endpoint import (
    DisabledBecause,
    Endpoint,
    EndpointState,
    endpoint_key,
)
from couponbus.domain.webhooks.retry_schedule import SLOW_SECONDS
from couponbus.ports.shared import Clock
from couponbus.ports.webhooks import Sent
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.store import CONFLICT_TRIES, Store
from couponbus.usecases.webhooks.send import AttemptResult

GONE = 410
SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointHealth:
    """Stores the health of endpoints only when it changes: an unchanged one costs nothing."""

    store: Store
    clock: Clock
    timing: Timing

    def note(self, outcomes: Sequence[AttemptResult], *, closed: set[str], run: Invocation) -> None:
        """Learn from the outcomes of attempts; endpoints that are not active join `closed`.

        Raises LedgerUnavailable.
        """
        seen: dict[str, list[Sent]] = defaultdict(list)
        for outcome in outcomes:
            if outcome.sent is not None:
                seen[endpoint_key(outcome.delivery.endpoint_id)].append(outcome.sent)
        for _ in range(CONFLICT_TRIES):
            if not seen:
                return
            rows = self.store.read(list(seen))
            endpoints = rows.of(Endpoint)
            closed.update(_inactive(endpoints))
            pairs = [(one, self._learnt(one, seen[one.key])) for one in endpoints]
            changed = [after for before, after in pairs if after is not before]
            stored = self.store.write(changed)
            run.broken.update(rows.broken | stored.broken)
            closed.update(_inactive(stored.written))
            run.count(
                Metric.DISABLED, sum(row.state is EndpointState.DISABLED for row in stored.written)
            )
            overtaken = {conflict.attempted.key for conflict in stored.conflicts}
            seen = defaultdict(list, {key: seen[key] for key in seen if key in overtaken})
        if seen:
            text = "an endpoint changes too often to note how it is"
            raise LedgerUnavailable(text, code="write:contended")

    def notice_slow(self, endpoint_ids: Sequence[str], *, closed: set[str]) -> None:
        """Learn that endpoints are slow to answer; what cannot be stored, `note` learns later.

        Those that are not active join `closed`.
        """
        now = self.clock.now()
        with suppress(LedgerUnavailable):
            rows = self.store.read([endpoint_key(one) for one in endpoint_ids])
            endpoints = rows.of(Endpoint)
            closed.update(_inactive(endpoints))
            pairs = [(one, one.answered_in(SLOW_SECONDS, now=now)) for one in endpoints]
            self.store.write([after for before, after in pairs if after is not before])

    def _learnt(self, endpoint: Endpoint, seen: Sequence[Sent]) -> Endpoint:
        now = self.clock.now()
        by = self.timing.publish_by(now)
        if any(sent.status == GONE for sent in seen):
            return endpoint.disabled(because=DisabledBecause.GONE, now=now, publish_by=by)
        slowest = max(sent.seconds for sent in seen)
        if any(is_success(sent) for sent in seen):
            return endpoint.succeeded(now=now).answered_in(slowest, now=now)
        if slowest >= SLOW_SECONDS:
            endpoint = endpoint.answered_in(slowest, now=now)
        return endpoint.failed(now=now, publish_by=by)


def _inactive(endpoints: Iterable[Endpoint]) -> Iterator[str]:
    return (one.endpoint_id for one in endpoints if one.state is not EndpointState.ACTIVE)


def is_success(sent: Sent) -> bool:
    """Whether an endpoint has accepted it: a redirect does not count."""
    return sent.status is not None and sent.status in SUCCESS
