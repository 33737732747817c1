"""One log line of a function, and what it says of a trace."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

# In the order in which a sign-up passes them.
FUNCTIONS = (
    "receive_callback",
    "issue_barcodes",
    "publish_events",
    "sweep_due",
    "schedule_polls",
    "poll_redemptions",
    "fan_out_webhooks",
    "deliver_webhooks",
    "audit_barcodes",
)
FAILED = "failed"
# A failed attempt is a webhook that was not taken: its message does not come again.
ATTEMPTS = "deliver_webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line as it was logged; `content` has its fields."""

    at: datetime
    function: str
    content: Mapping[str, object] = field(repr=False)

    @property
    def what(self) -> str:
        """What happened, in the function's words."""
        return str(self.content.get("message", ""))

    @property
    def request_id(self) -> str:
        """The invocation, by which its other lines are found."""
        return str(self.content.get("request_id", ""))

    def outcomes(self, trace_id: str) -> list[str]:
        """Return the outcomes that the batch had for the trace."""
        return [what for what, ids in _lists(self.content.get("traces")) if trace_id in ids]

    def row_of(self, trace_id: str) -> str | None:
        """Return the key of a row of the trace, None if the line has none."""
        rows = dict(_lists(self.content.get("rows")))
        for what, ids in _lists(self.content.get("traces")):
            keys = rows.get(what, [])
            found = [key for one, key in zip(ids, keys, strict=False) if one == trace_id and key]
            if found:
                return found[0]
        return None

    def trace_of(self, key: str) -> str | None:
        """Return the trace of a row, None if the line does not have both."""
        ids = dict(_lists(self.content.get("traces")))
        for what, keys in _lists(self.content.get("rows")):
            pairs = zip(keys, ids.get(what, []), strict=False)
            found = [trace_id for one, trace_id in pairs if one == key]
            if found:
                return found[0]
        return None

    def causes_of(self, trace_id: str) -> list[str]:
        """Return why messages came again, if the trace failed: of several any may be its own."""
        is_message = FAILED in self.outcomes(trace_id) and self.function != ATTEMPTS
        return self._causes() if is_message else []

    def _causes(self) -> list[str]:
        failed = self.content.get("failed")
        each = failed if isinstance(failed, list) else []
        whys = (str(one["why"]) for one in each if isinstance(one, dict) and "why" in one)
        return list(dict.fromkeys(whys))


def line_of(message: str, *, at: datetime, function: str) -> LogLine | None:
    """Return the line of a function; None for what Lambda or a library has written."""
    try:
        content = json.loads(message)
    except ValueError:
        return None
    if not isinstance(content, dict) or "message" not in content:
        return None
    return LogLine(at=at, function=function, content=content)


def in_their_order(lines: Sequence[LogLine]) -> list[LogLine]:
    """Return the lines by time; those of one millisecond as a sign-up passes the functions."""
    return sorted(lines, key=lambda one: (one.at, FUNCTIONS.index(one.function)))


def _lists(value: object) -> Iterator[tuple[str, list[str]]]:
    """Yield the lists by outcome; of a line of another version none."""
    for what, listed in value.items() if isinstance(value, dict) else ():
        if isinstance(listed, list):
            yield str(what), [str(one) for one in listed]
