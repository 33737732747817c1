"""A published event, word for word: the body of its webhooks, and the history for replays."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from couponbus.domain.row import Row
from couponbus.domain.trace import trace_id_of


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class EventRecord(Row):
    """Written once. `body` is frozen text; `event_at` is when it was to be passed on.

    `only_for` is the endpoint of a test event, which is for no other and not in the history.
    """

    event_id: str
    tenant: str
    source: str
    detail_type: str
    event_at: datetime
    body: str = field(repr=False)
    customer_ref: str | None = None
    only_for: str | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return event_key(self.event_id)

    @property
    def data(self) -> Mapping[str, object]:
        """What the event says."""
        data = self._content["data"]
        return data if isinstance(data, dict) else {}

    @property
    def trace_id(self) -> str | None:
        """The trace of the sign-up that it follows from, None if it follows from none."""
        metadata = self._content["metadata"]
        return trace_id_of(metadata.get("trace_id")) if isinstance(metadata, dict) else None

    @property
    def envelope(self) -> Mapping[str, object]:
        """Return the event as a rule on the bus saw it, as far as it is the same each time."""
        content = self._content
        return {
            "source": self.source,
            "detail-type": self.detail_type,
            "detail": {"metadata": content["metadata"], "data": content["data"]},
        }

    def contradicts(self, other: "EventRecord") -> bool:
        """Whether both cannot be the same fact; a field that only one of them has is no doubt.

        A row that is published again after an update of couponbus may say more than before.
        """
        mine, theirs = (self.tenant, self.body), (other.tenant, other.body)
        return mine != theirs and (
            self.tenant != other.tenant or _differ(self._content, other._content)
        )

    def body_with(self, **more: object) -> str:
        """Return the body with further fields in its data."""
        content = self._content
        return body_text({**content, "data": {**self.data, **more}})

    @property
    def _content(self) -> dict[str, object]:
        content: dict[str, object] = json.loads(self.body)
        return content


def event_key(event_id: str) -> str:
    """Return where the ledger keeps a past event."""
    return f"EVENT#{event_id}"


def _differ(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return any(_differ(one[name], other[name]) for name in one.keys() & other.keys())
    return one != other


def body_text(content: Mapping[str, object]) -> str:
    """Return the text of a body: the same for the same content in the same order."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)
