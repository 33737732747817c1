"""The text of a refusal in any known form, for operators (docs/providers.md#koupon-errors)."""

from collections.abc import Iterator

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import strict_answer

_WORDY = frozenset({"message", "errormessage", "error", "errors"})
_SHOWN_MAX = 2_000


def read_message(body: bytes) -> str:
    """Return the messages in JSON, or a plain text, but no HTML; not redacted yet."""
    try:
        return "; ".join(_words(strict_answer(body)))
    except InputRejected:
        text = body[:_SHOWN_MAX].decode("utf-8", "replace").strip()
        return "" if is_page(body) else text


def is_own_error(body: bytes) -> bool:
    """Whether this is an error in one of Koupon's own forms.

    A plain text is one of them (docs/providers.md#koupon-errors), though gateways write such too:
    nothing that is concluded from an error in Koupon's form ends a watch or an offer.
    """
    try:
        value = strict_answer(body)
    except InputRejected:
        return body.strip()[:1].isalnum()
    if not isinstance(value, dict):
        return False
    coded = "code" in value or "errorCode" in value
    return (coded and "version" in value) or isinstance(value.get("errors"), list)


def is_page(body: bytes) -> bool:
    """Whether this is HTML, which only a gateway sends."""
    return body.lstrip().startswith(b"<")


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key.lower() in _WORDY:
                yield from _words(each)
