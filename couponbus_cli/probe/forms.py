"""Names for the forms of values, times and errors, which reveal nothing of the value."""

import re
from collections.abc import Iterable
from enum import StrEnum

from couponbus_cli.probe.caller import Reply

_MASK_MAX = 30
_TIMES = (
    ("ISO 8601 with an offset", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)"),
    ("ISO 8601 without an offset", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?"),
    ("YYYY-MM-DD", r"\d{4}-\d\d-\d\d"),
    ("MM-DD-YY hh:mm:ss AM", r"\d\d-\d\d-\d\d \d\d:\d\d:\d\d [AP]M"),
    ("DD-MM-YYYY HH:MM:SS", r"\d\d-\d\d-\d{4} \d\d:\d\d:\d\d"),
)
TIME_FORMS = tuple((name, re.compile(form, re.ASCII)) for name, form in _TIMES)
WITH_OFFSET, WITHOUT_OFFSET, DAY, KOUPON_TIME, UNIQODO_TIME = (name for name, _ in _TIMES)


class ErrorForm(StrEnum):
    """The form of an error answer."""

    MESSAGE = "JSON with a message"
    LIST = "JSON with a message and a list of errors"
    CHILDREN = "JSON with a message and errors by field"
    ERROR = "JSON with error and no message"
    ERRORS = "JSON with a list of errors and no message"
    ERROR_MESSAGE = "JSON with errorCode and errorMessage"
    OTHER = "other JSON"
    TEXT = "plain text"
    PAGE = "an HTML page"
    NOTHING = "an empty body"


def error_form(reply: Reply) -> ErrorForm:
    """Return the form of an error answer."""
    body = reply.body.strip()
    if not body:
        return ErrorForm.NOTHING
    if body.startswith(b"<"):
        return ErrorForm.PAGE
    if reply.value is None:
        return ErrorForm.TEXT
    fields = reply.fields
    listed = isinstance(fields.get("errors"), list)
    choices = (
        (ErrorForm.CHILDREN, isinstance(fields.get("errors"), dict)),
        (ErrorForm.LIST, listed and "message" in fields),
        (ErrorForm.ERRORS, listed),
        (ErrorForm.ERROR_MESSAGE, "errorMessage" in fields),
        (ErrorForm.ERROR, "error" in fields),
        (ErrorForm.MESSAGE, "message" in fields),
    )
    return next((form for form, fits in choices if fits), ErrorForm.OTHER)


def kind_of(value: object) -> str:
    """Return what JSON calls such a value."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        (int, "an integer"),
        (float, "a number with a fraction"),
        (str, "text"),
        (list, "a list"),
        (dict, "an object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def kinds(values: Iterable[object]) -> str:
    """Return the kinds of several values, each once."""
    return " or ".join(sorted({kind_of(value) for value in values}))


def time_form(value: object) -> str:
    """Return the name of a known form, else the value with digits and letters masked."""
    if not isinstance(value, str):
        return kind_of(value)
    for name, form in TIME_FORMS:
        if form.fullmatch(value):
            return name
    if not value:
        return "an empty text"
    mask = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", value[:_MASK_MAX]))
    return "another form: " + re.sub(r"[^a9 :./+-]", "?", mask)


def time_forms(values: Iterable[object]) -> list[str]:
    """Return the forms of several times, each once."""
    return sorted({time_form(value) for value in values})


def listed(words: Iterable[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    *first, last = list(words) or ["none"]
    return f"{', '.join(first)} and {last}" if first else last
