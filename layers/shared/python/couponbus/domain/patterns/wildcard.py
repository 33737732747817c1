r"""Text with `*` for any run of characters, matched without going back more than once per `*`."""

import re
from collections.abc import Callable

ESCAPED_OR_STAR = re.compile(r"\\([\\*])|(\*)")


def wildcard(pattern: str) -> Callable[[str], bool]:
    r"""Return the test for whole texts; `\*` and `\\` stand for themselves.

    A regular expression would need time that grows with the power of the number of stars.
    """
    first, *rest = _pieces(pattern)
    if not rest:
        return lambda text: text == first
    *middle, last = rest

    def matches(text: str) -> bool:
        if not text.startswith(first) or not text.endswith(last):
            return False
        start, end = len(first), len(text) - len(last)
        for piece in middle:
            found = text.find(piece, start, max(start, end))
            if found < 0:
                return False
            start = found + len(piece)
        return start <= end

    return matches


def _pieces(pattern: str) -> list[str]:
    """Return the fixed texts between the stars."""
    pieces, position = [""], 0
    for match in ESCAPED_OR_STAR.finditer(pattern):
        pieces[-1] += pattern[position : match.start()] + (match[1] or "")
        if match[2]:
            pieces.append("")
        position = match.end()
    pieces[-1] += pattern[position:]
    return pieces
