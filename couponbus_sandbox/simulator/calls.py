"""The list of calls that a simulator received, with the outcome of each."""

import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

KEPT_CALLS = 100_000


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """One call; `status` stays None when the caller got no answer (yet)."""

    number: int
    method: str
    route: str
    query: dict[str, str]
    account: str | None
    items: int | None
    arrived_at: str
    arrived_monotonic: float
    status: int | None = None
    fault: str | None = None


class CallLog:
    """Calls in order of arrival; the last 100,000 are kept, all are counted."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all calls and counts; numbers start at 1 again."""
        self._calls: deque[CallRecord] = deque(maxlen=KEPT_CALLS)
        self._number = 0
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.items_per_batch: list[int] = []

    def arrived(self, *, method: str) -> CallRecord:
        """Record that a call has begun to arrive."""
        self._number += 1
        record = CallRecord(
            number=self._number,
            method=method,
            route="",
            query={},
            account=None,
            items=None,
            arrived_at=datetime.now(UTC).isoformat(),
            arrived_monotonic=time.monotonic(),
        )
        self._calls.append(record)
        return record

    def decided(self, record: CallRecord, *, status: int | None, fault: str | None) -> None:
        """Record the status that the caller will see, None for no answer."""
        record.status = status
        record.fault = fault
        self.outcomes[record.route, "none" if status is None else str(status)] += 1
        if record.items is not None:
            self.items_per_batch.append(record.items)

    def since(self, number: int) -> list[dict[str, object]]:
        """Return the calls after the one with this number; 0 returns all that are kept."""
        return [asdict(record) for record in self._calls if record.number > number]

    def by_route(self) -> dict[str, dict[str, int]]:
        """Return how often each route ended in each status; `none` stands for no answer."""
        table: dict[str, dict[str, int]] = {}
        for (route, status), times in sorted(self.outcomes.items()):
            table.setdefault(route, {})[status] = times
        return table
