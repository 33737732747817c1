"""Faults between boto3 and moto, decided call by call at botocore's public `before-send` hook.

botocore calls every handler of that hook, so a second one beside moto's could not keep a write from
being applied: this one replaces moto's, and calls it when the request may pass.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Protocol, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.models import botocore_stubber

if TYPE_CHECKING:
    from botocore.client import BaseClient

type Pass = Callable[[], AWSResponse]


class Fault(Protocol):
    """The fault of one call."""

    def __call__(self, request: AWSPreparedRequest, reach: Pass) -> AWSResponse: ...


class Hooks(Protocol):
    """A client's event hooks; their stubs allow no handler that answers."""

    def register(self, event_name: str, handler: Callable[..., object]) -> None: ...

    def unregister(self, event_name: str, handler: Callable[..., object]) -> None: ...


@dataclass(slots=True)
class Faults:
    """A script of faults for the next calls; those beyond its end pass."""

    reach: Callable[[AWSPreparedRequest, str], AWSResponse]
    script: deque[Fault] = field(default_factory=deque)
    calls: list[str] = field(default_factory=list)

    def will(self, *faults: Fault) -> None:
        self.script.extend(faults)

    def decide(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        self.calls.append(event_name.rpartition(".")[2])
        fault = self.script.popleft() if self.script else passes
        return fault(request, lambda: self.reach(request, event_name))


@contextmanager
def faults_on(client: "BaseClient") -> Iterator[Faults]:
    """Insert the faults between this client and moto, or the engine that it was made for."""
    faults = Faults(reach=partial(_reached, client))
    hooks = cast("Hooks", client.meta.events)
    hooks.unregister("before-send", botocore_stubber)
    hooks.register("before-send", faults.decide)
    try:
        yield faults
    finally:
        hooks.unregister("before-send", faults.decide)
        hooks.register("before-send", botocore_stubber)


def passes(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
    return reach()


def connect_timeout(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
    """Fail to connect, applying nothing."""
    raise ConnectTimeoutError(endpoint_url=request.url)


def lost_answer(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
    """Apply the call, then lose its answer."""
    reach()
    raise ReadTimeoutError(endpoint_url=request.url)


def throttled(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
    return refusal("ThrottlingException")(request, reach)


def broken(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
    return _answer(request, 500, {"__type": "InternalServerError", "message": "broken"})


def refusal(code: str, **content: object) -> Fault:
    """Refuse with a code of the service's own, applying nothing."""

    def refused(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
        return _answer(request, 400, {"__type": code, "message": code, **content})

    return refused


def answer(**content: object) -> Fault:
    """Answer with success, applying nothing."""

    def answered(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
        return _answer(request, 200, content)

    return answered


def watched(calls: list[Mapping[str, object]]) -> Fault:
    """Let the call pass and keep what it sends."""

    def watching(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
        calls.append(content_of(request))
        return reach()

    return watching


def content_of(request: AWSPreparedRequest) -> Mapping[str, object]:
    """Return the content of a request."""
    assert isinstance(request.body, bytes | str)
    content: Mapping[str, object] = json.loads(request.body)
    return content


def _answer(request: AWSPreparedRequest, status: int, content: object) -> AWSResponse:
    body = BytesIO(json.dumps(content).encode())
    headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0"})
    return AWSResponse(request.url, status, headers, _Raw(body))


class _Raw:
    """The part of a raw answer that botocore needs."""

    def __init__(self, body: BytesIO) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body.read()


def _reached(client: "BaseClient", request: AWSPreparedRequest, event_name: str) -> AWSResponse:
    if not botocore_stubber.enabled:
        answer: AWSResponse = client._endpoint.http_session.send(request)  # type: ignore[attr-defined]
        return answer
    response = botocore_stubber(event_name, request)
    if response is None:
        raise AssertionError("moto does not answer this call")
    return response
