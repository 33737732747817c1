"""Requests and answers of API Gateway's HTTP API (payload format 2.0), for the use cases."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import NotRequired, TypedDict

from couponbus.usecases.inbound.http import Answer, Request

ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Http(TypedDict):
    """The HTTP method of a request."""

    method: str


class RequestContext(TypedDict):
    """What API Gateway says about a request."""

    http: Http


class HttpEvent(TypedDict):
    """The part of a request that is read.

    Cookies are not; repeated headers are joined by commas, and then no signature fits.
    """

    routeKey: str
    requestContext: RequestContext
    headers: NotRequired[Mapping[str, str]]
    rawQueryString: NotRequired[str]
    pathParameters: NotRequired[Mapping[str, str] | None]
    body: NotRequired[str | None]
    isBase64Encoded: NotRequired[bool]


class ApiAnswer(TypedDict):
    """The response for API Gateway."""

    statusCode: int
    headers: Mapping[str, str]
    body: NotRequired[str]


def request_of(event: HttpEvent) -> Request:
    """Return the request, its body as the bytes received; nothing of it is parsed."""
    return Request(
        method=event["requestContext"]["http"]["method"],
        path=event["routeKey"].rpartition(" ")[2],
        secret=(event.get("pathParameters") or {}).get("secret"),
        headers={name.lower(): value for name, value in event.get("headers", {}).items()},
        query=event.get("rawQueryString", ""),
        body=_body_of(event),
    )


def answer_of(answer: Answer) -> ApiAnswer:
    """Return the answer for API Gateway."""
    headers = {**ALWAYS, **dict(answer.headers)}
    if answer.content is None:
        return {"statusCode": answer.status, "headers": headers}
    return {
        "statusCode": answer.status,
        "headers": {"content-type": "application/json", **headers},
        "body": json.dumps(answer.content, separators=(",", ":")),
    }


def _body_of(event: HttpEvent) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error):
        return b""  # API Gateway encodes it, so no client has sent this
