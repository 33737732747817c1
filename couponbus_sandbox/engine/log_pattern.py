"""The filter patterns of CloudWatch Logs for lines of text: terms, quoted phrases, `?` and `-`."""

import re
from collections.abc import Callable

TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')
ESCAPED = re.compile(r"\\(.)")


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a line matches; case counts, and every line matches nothing."""
    required, optional, excluded = list[str](), list[str](), list[str]()
    for sign, phrase, word in TERM.findall(pattern):
        term = ESCAPED.sub(r"\1", phrase) or word
        {"": required, "?": optional, "-": excluded}[sign].append(term)

    def matches(line: str) -> bool:
        return (
            all(term in line for term in required)
            and not any(term in line for term in excluded)
            and (not optional or bool(required) or any(term in line for term in optional))
        )

    return matches
