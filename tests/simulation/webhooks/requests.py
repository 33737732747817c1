"""One request to an endpoint, and its outcome."""

from dataclasses import dataclass

from tests.simulation.world import Invocation


@dataclass(slots=True, kw_only=True)
class Request:
    """`key` is that of its delivery, in this round and attempt of it.

    `taken_at` is when the receiver took it, even if the worker never learnt that; `asked` is its
    Retry-After. None means that it did not happen.
    """

    at: float
    by: Invocation
    endpoint_id: str
    event_id: str
    key: str
    round: int
    attempt: int
    taken_at: float | None = None
    over_at: float | None = None
    status: int | None = None
    failure: str | None = None
    asked: float | None = None

    @property
    def is_success(self) -> bool:
        """Whether the worker received a success status."""
        return self.status is not None and 200 <= self.status < 300
