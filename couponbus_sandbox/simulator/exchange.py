"""Requests to a simulator and its answers, free of sockets and frameworks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as it arrived; header names are in lower case, `target` is as it was sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    body: bytes
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The provider's answer; a body of type str is sent as plain text."""

    status: int
    body: object
    headers: tuple[tuple[str, str], ...] = ()

    def encoded(self) -> bytes:
        """Return the bytes of the body."""
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, separators=(",", ":")).encode()

    @property
    def media_type(self) -> str:
        """The content type that goes with the body."""
        return "text/plain" if isinstance(self.body, str) else "application/json"
