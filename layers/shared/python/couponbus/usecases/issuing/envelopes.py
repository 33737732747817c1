"""Takes sign-ups out of the envelopes in which topics, pipes, queues and encoders put them."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeIs

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import BODY_LIMIT, strict_json, utf8

DEPTH_MAX = 4  # a pipe's list of queue records of notifications of a topic has three
PARTS_MAX = 100
ENVELOPE_BYTES = 256 * 1024  # several sign-ups, each of up to `BODY_LIMIT`
BYTE_ORDER_MARK = "\ufeff"
# Which field has the message, in the records that Lambda and EventBridge Pipes pass on.
_FIELDS: Mapping[object, str] = {"aws:sqs": "body", "aws:sns": "Sns", "aws:kinesis": "data"}

type Content = dict[str, object]
type Part = Content | InputRejected


def parts_of(body: str) -> Sequence[Part]:
    """Return the contents of a message, usually one; an unusable part is its own rejection.

    Raises InputRejected if the message is unusable as a whole.
    """
    is_large = len(body) > BODY_LIMIT // 4 and _size(body) > BODY_LIMIT
    try:
        content = _read(body, limit=ENVELOPE_BYTES if is_large else BODY_LIMIT)
    except InputRejected:
        if is_large:
            raise InputRejected("too_large") from None
        raise
    if not is_large and _is_of_the_bus(content):
        return (content,)
    parts = list(islice(_parts(content, depth=0), PARTS_MAX + 1))
    if len(parts) > PARTS_MAX:
        raise InputRejected("too_many")
    if not parts:
        raise InputRejected("not_an_object")
    return [_within_bounds(part) for part in parts] if is_large else parts


def _parts(content: object, *, depth: int) -> Iterator[Part]:
    if depth > DEPTH_MAX:
        yield InputRejected("too_deep")
    elif isinstance(content, list):
        for each in content:
            yield from _parts(each, depth=depth + 1)
    elif isinstance(content, str):
        yield from _parts_of_text(content, depth=depth)
    elif not isinstance(content, dict):
        yield InputRejected("not_an_object")
    elif (inner := _enclosed(content)) is not None:
        yield from _parts(inner, depth=depth + 1)
    else:
        yield _with_read_detail(content)


def _parts_of_text(text: str, *, depth: int) -> Iterator[Part]:
    try:
        content = _read(text, limit=ENVELOPE_BYTES)
    except InputRejected as rejected:
        yield rejected if _looks_like_json(text) else InputRejected("not_an_object")
        return
    # An object in the text of an envelope is as deep as the text: both are one step.
    yield from _parts(content, depth=depth if isinstance(content, dict) else depth + 1)


def _enclosed(content: Content) -> object:
    """Return what an envelope encloses; None for a sign-up, and for what is no envelope."""
    if "signup_id" in content or "detail-type" in content:
        return None
    if content.get("Type") == "Notification":
        return content.get("Message")
    if isinstance(records := content.get("Records"), list) and len(content) == 1:
        return records
    source = content.get("eventSource", content.get("EventSource"))
    return content.get(_FIELDS[source]) if isinstance(source, str) and source in _FIELDS else None


def _is_of_the_bus(content: object) -> TypeIs[Content]:
    """Whether it is as the bus sends nearly all of them, so that there is nothing to take off."""
    return (
        isinstance(content, dict)
        and "detail-type" in content
        and isinstance(content.get("detail"), dict)
    )


def _with_read_detail(content: Content) -> Content:
    """Read the detail of an event of the bus where it is a text, so that patterns match it."""
    detail = content.get("detail")
    if "detail-type" not in content or not isinstance(detail, str):
        return content
    try:
        read = _read(detail, limit=BODY_LIMIT)
    except InputRejected:
        return content
    return {**content, "detail": read}


def _read(text: str, *, limit: int) -> object:
    """Return the JSON of a text, or what it clearly has in base64. Raises InputRejected."""
    text = text.removeprefix(BYTE_ORDER_MARK)
    try:
        return strict_json(text, limit=limit)
    except InputRejected as rejected:
        if rejected.reason != "not_json" or (decoded := _decoded(text)) is None:
            raise
    return strict_json(decoded, limit=limit)


def _decoded(text: str) -> str | None:
    if _looks_like_json(text):
        return None
    try:
        decoded = utf8(b64decode("".join(text.split()), validate=True))
    except (InputRejected, ValueError):
        return None
    decoded = decoded.removeprefix(BYTE_ORDER_MARK)
    return decoded if _looks_like_json(decoded) else None


def _looks_like_json(text: str) -> bool:
    return text.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] in ("{", "[")


def _within_bounds(part: Part) -> Part:
    if isinstance(part, dict) and _size(json.dumps(part, ensure_ascii=False)) > BODY_LIMIT:
        return InputRejected("too_large")
    return part


def _size(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))
