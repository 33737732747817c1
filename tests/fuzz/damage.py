"""Valid bodies with random damage to their fields or bytes."""

import copy
import json
from collections.abc import Sequence

from hypothesis import strategies as st

from tests.fuzz.places import GONE, Defect, Path, at, changed, paths, renamed

RETYPED: tuple[Defect, ...] = (
    str,
    lambda value: [value],
    lambda value: {"value": value},
    lambda value: 17,
    lambda value: 1.5,
    lambda value: True,
    lambda value: "",
    lambda value: [],
    lambda value: {},
    lambda value: None,
    lambda value: GONE,
)
STRANGE: tuple[Defect, ...] = (
    *RETYPED,
    lambda value: value * 2 if isinstance(value, list) else [value, value],
    lambda value: list(reversed(value)) if isinstance(value, list) else 0,
    lambda value: False,
    lambda value: -1,
    lambda value: float(value) if type(value) is int else 0.0,
    lambda value: 10**18,
    lambda value: 10**40,
    lambda value: 1e308,
    lambda value: float("nan"),
    lambda value: float("-inf"),
    lambda value: "\ud800",
    lambda value: "x" * 20_000,
    lambda value: f" {value} ",
    lambda value: "1_0",
    lambda value: "0000-00-00",
    lambda value: {"error": value, "code": 404},
)
# Each replaces the first match after a random place.
SPELLINGS: tuple[tuple[bytes, bytes], ...] = (
    (b"1", b"1e999"),
    (b"1", b"1" + b"0" * 5_000),
    (b"1", b"01"),
    (b"0", b"-0"),
    (b"0", b"\xd9\xa0"),
    (b'"', b"'"),
    (b'"', b'"\\ud83d'),
    (b'"', b'"\\u0000'),
    (b"true", b"True"),
    (b"null", b"NaN"),
    (b", ", b",, "),
    (b"{", b"{" * 300),
    (b"[", b"[" * 300),
    (b"_", b"\\u005f"),
    (b"e", b"\\u0065"),
    (b"e", b"\xe9"),
)


@st.composite
def bodies(draw: st.DrawFn, bases: Sequence[object]) -> bytes:
    """Return the body of one of these valid answers, damaged up to five times, or intact."""
    answer = draw(st.sampled_from(bases))
    for _ in range(draw(st.integers(0, 3))):
        answer = draw(_damaged(answer))
    body = json.dumps(answer, ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")
    for _ in range(draw(st.sampled_from((0, 0, 1, 2)))):
        body = draw(_respelled(body))
    return body


@st.composite
def _damaged(draw: st.DrawFn, answer: object) -> object:
    places = list(paths(answer))
    if not places:
        return answer
    path: Path = draw(st.sampled_from(places))
    what = draw(st.sampled_from(("retype", "retype", "rename", "copy", "add")))
    if what == "retype":
        return changed(answer, path, draw(st.sampled_from(STRANGE)))
    if what == "rename":
        return renamed(answer, path, draw(st.sampled_from([f"{path[-1]}X", *_words(places)])))
    if what == "copy":
        return _copied(answer, path, draw(st.sampled_from(places)))
    added = draw(st.sampled_from(("", "tomorrow", "error", *_words(places))))
    value = draw(st.none() | st.booleans() | st.integers() | st.text(max_size=3))
    return changed(answer, path, lambda holder: _with(holder, added, value))


def _words(places: Sequence[Path]) -> list[str]:
    return sorted({str(path[-1]) for path in places})


def _copied(answer: object, path: Path, source: Path) -> object:
    return changed(answer, path, lambda _: copy.deepcopy(at(answer, source)))


def _with(holder: object, key: str, value: object) -> object:
    if isinstance(holder, list):
        return [*holder, value]
    return {key: value, **holder} if isinstance(holder, dict) else holder


@st.composite
def _respelled(draw: st.DrawFn, body: bytes) -> bytes:
    place = draw(st.integers(0, len(body)))
    head, tail = body[:place], body[place:]
    what = draw(st.sampled_from(("spell", "spell", "twice", "twice", "cut", "raw", "whole")))
    if what == "cut":
        return head
    if what == "raw":
        return head + draw(st.binary(max_size=4)) + tail[draw(st.integers(0, 4)) :]
    if what == "whole":
        return draw(st.sampled_from((b"\xef\xbb\xbf" + body, body + body, body[::-1], b"")))
    if what == "spell":
        old, new = draw(st.sampled_from(SPELLINGS))
        return head + tail.replace(old, new, 1)
    return _said_twice(head, tail, value=draw(st.sampled_from((b'"twice"', b"2", b"null"))))


def _said_twice(head: bytes, tail: bytes, *, value: bytes) -> bytes:
    """Return the body with its next key twice, first with this value."""
    before, quote, rest = tail.partition(b', "')
    key, colon, after = rest.partition(b'": ')
    if not colon or b'"' in key:
        return head + tail
    return head + before + quote + key + colon + value + quote + key + colon + after
