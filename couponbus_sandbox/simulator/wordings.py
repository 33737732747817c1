"""The forms of an error: the provider's own, or that of a gateway in front of it."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from http import HTTPStatus

HTML_PAGE = "<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"


class Wording(StrEnum):
    """The form of a body."""

    OWN = "own"
    OWN_FIELDS = "own_fields"
    GATEWAY = "gateway"
    NO_ROUTE = "no_route"
    PATH = "path"
    PROBLEM = "problem"
    PAGE = "page"
    EMPTY = "empty"


def worded(wording: Wording, status: int) -> bytes:
    """Return an error body for this status; for a success status it says 400."""
    code = HTTPStatus.BAD_REQUEST if status in range(200, 300) else status
    return _BODIES[wording](code)


def media_type_of(wording: Wording) -> str | None:
    """Return the content type of a wording, None if it has no content."""
    if wording is Wording.EMPTY:
        return None
    return "text/html" if wording is Wording.PAGE else "application/json"


def phrase_of(status: int) -> str:
    """Return the reason phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _own(status: int) -> object:
    return {"code": status, "message": phrase_of(status), "errors": []}


def _own_fields(status: int) -> object:
    children = {"customer_id": {"errors": ["This value is not valid."]}}
    return {"code": status, "message": phrase_of(status), "errors": {"children": children}}


def _path(status: int) -> object:
    fields = {"status": status, "error": phrase_of(status), "path": "/barcode"}
    return {"timestamp": "2026-06-01T12:00:00.000+00:00", **fields}


def _problem(status: int) -> object:
    return {"type": "about:blank", "title": phrase_of(status), "status": status}


def _as_json(fields: Callable[[int], object]) -> Callable[[int], bytes]:
    return lambda status: json.dumps(fields(status)).encode()


_BODIES: Mapping[Wording, Callable[[int], bytes]] = {
    Wording.OWN: _as_json(_own),
    Wording.OWN_FIELDS: _as_json(_own_fields),
    Wording.GATEWAY: _as_json(lambda status: {"message": phrase_of(status)}),
    Wording.NO_ROUTE: _as_json(lambda _: {"message": "no Route matched with those values"}),
    Wording.PATH: _as_json(_path),
    Wording.PROBLEM: _as_json(_problem),
    Wording.PAGE: lambda _: HTML_PAGE.encode(),
    Wording.EMPTY: lambda _: b"",
}
