"""A received webhook: its verification, duplicates, and the answer."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.webhooks.signature import checked

REFUSED = 400
SUCCESS = range(200, 300)
IDS_MAX = 100_000
NO_SECRET = "no_secret"  # noqa: S105 - a code that says there is none
NO_JSON = "no_json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`times` is how often this id was received, `duplicate` whether it was answered 2xx before.

    `problem` says why it is not verified, or what is wrong with a verified body.
    """

    at: datetime
    webhook_id: str
    detail_type: str | None
    event_id: str | None
    verified: bool
    problem: str | None
    times: int
    duplicate: bool
    answered: int
    size: int

    def data(self) -> dict[str, object]:
        """Return it with stable keys."""
        return {
            "at": self.at.isoformat(),
            "webhook_id": self.webhook_id,
            "type": self.detail_type,
            "event_id": self.event_id,
            "verified": self.verified,
            "problem": self.problem,
            "times": self.times,
            "duplicate": self.duplicate,
            "answered": self.answered,
            "bytes": self.size,
        }


class Verifier:
    """Verifies webhooks, from several threads; does not remember forged ones."""

    def __init__(self, *, keys: Sequence[bytes], answer: int, now: Callable[[], datetime]) -> None:
        """Give this answer to each webhook signed with one of the keys; without keys, to all."""
        self._keys = keys
        self._answer = answer
        self._now = now
        self._attempts: OrderedDict[str, _Attempts] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, headers: Mapping[str, str], body: bytes) -> Arrival:
        """Verify a webhook and decide the answer; the names of `headers` are in lower case."""
        now = self._now()
        webhook_id = headers.get("webhook-id", "")
        forged = self._forged(headers, body, now) if self._keys else None
        answered = self._answer if forged is None else REFUSED
        attempts = _Attempts() if forged is not None else self._count(webhook_id, answered)
        content = _content(body)
        broken = None if content else NO_JSON
        unknown = None if self._keys else NO_SECRET
        return Arrival(
            at=now,
            webhook_id=webhook_id,
            detail_type=_text(content.get("type")),
            event_id=_event_id(content),
            verified=forged is None and bool(self._keys),
            problem=forged or unknown or broken,
            times=attempts.times,
            duplicate=attempts.was_accepted,
            answered=answered,
            size=len(body),
        )

    def _forged(self, headers: Mapping[str, str], body: bytes, now: datetime) -> str | None:
        return checked(
            message_id=headers.get("webhook-id", ""),
            timestamp=headers.get("webhook-timestamp", ""),
            signatures=headers.get("webhook-signature", ""),
            body=body,
            keys=self._keys,
            now=now,
        )

    def _count(self, webhook_id: str, answered: int) -> "_Attempts":
        """Count the webhook-id; return its count, and whether it was answered 2xx before."""
        with self._lock:
            before = self._attempts.pop(webhook_id, _Attempts(times=0))
            now = _Attempts(times=before.times + 1, was_accepted=before.was_accepted)
            accepted = before.was_accepted or answered in SUCCESS
            self._attempts[webhook_id] = _Attempts(times=now.times, was_accepted=accepted)
            if len(self._attempts) > IDS_MAX:
                self._attempts.popitem(last=False)
        return now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempts:
    times: int = 1
    was_accepted: bool = False


def _content(body: bytes) -> Mapping[str, object]:
    try:
        content: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _event_id(content: Mapping[str, object]) -> str | None:
    metadata = content.get("metadata")
    return _text(metadata.get("id")) if isinstance(metadata, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
