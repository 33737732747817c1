"""The page about the Code Query API: its two answers and its table of fields."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import tree

COPY = Path(__file__).with_name("seed.txt")
"""The part of the page that describes the answer."""
ROW = re.compile(r"(?m)^([a-z_]+) \|")
RECORDS = "data.redemption.records[]"

type Json = dict[str, object]


def originals() -> list[Path]:
    """Return the page itself, where it lies beside the repository."""
    return sorted((tree.ROOT.parent / "shared" / "seeds").glob("004_*.txt"))


def page() -> str:
    """Return the page, or the copy of its part where there is no page."""
    return (originals() or [COPY])[0].read_text()


def answers(text: str) -> tuple[Json, Json]:
    """Return the answer about a redeemed code and the one about an unknown user."""
    decoder = json.JSONDecoder()
    start = text.index("\n{") + 1
    redeemed, length = decoder.raw_decode(text[start:])
    unknown, _ = decoder.raw_decode(text[start + length :].lstrip())
    return redeemed, unknown


def table_paths(text: str) -> list[str]:
    """Return the path of each row of the table: the total, then the fields of a record."""
    names = ROW.findall(text.partition("Redemption Data")[2])
    return [f"{RECORDS}.{name}" if name != "total" else "data.redemption.total" for name in names]


def paths(value: object, *, at: str = "") -> Iterator[str]:
    """Yield the path of each key, with [] for the items of a list."""
    if isinstance(value, list):
        for item in value:
            yield from paths(item, at=f"{at}[]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            path = f"{at}.{key}" if at else key
            yield path
            yield from paths(inner, at=path)
