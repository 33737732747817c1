"""AWS without a network: each request of botocore is answered at once, after all its own work."""

import json
from collections import Counter
from collections.abc import Iterator

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.benchmarks.units import Units

type Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

EMPTY = b"{}"
SECRET = json.dumps({"SecretString": "test-key-not-real"}).encode()


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


class Wire:
    """Answers that everything went well; while `counting` it also reads what was sent."""

    def __init__(self, *, programs: bytes) -> None:
        self.counting = False
        self.calls: Counter[str] = Counter()
        self.units = Units()
        self._programs = programs

    def connect(self) -> None:
        """Stand between all sessions that are made from now on and the network."""
        # Where botocore's own hooks are listed: also the clients of libraries have it then.
        botocore.handlers.BUILTIN_HANDLERS.append(("before-send", self._answer))

    def forget(self) -> None:
        """Start to count anew; the items stay."""
        self.calls.clear()
        self.units.forget()

    def _answer(
        self, event_name: str, request: AWSPreparedRequest, **_: object
    ) -> AWSResponse:
        operation = event_name.rpartition(".")[2]
        body = request.body if isinstance(request.body, bytes) else b""
        if self.counting:
            self.calls[operation] += 1
            self.units.note(operation, body)
        return AWSResponse(request.url, 200, {}, _Body(self._content(operation, body)))

    def _content(self, operation: str, body: bytes) -> bytes:
        if operation == "PutEvents":
            entries = b",".join([b'{"EventId":"1"}'] * body.count(b'"DetailType"'))
            return b'{"FailedEntryCount":0,"Entries":[%b]}' % entries
        if operation == "Query":
            return self._programs
        return SECRET if operation == "GetSecretValue" else EMPTY
