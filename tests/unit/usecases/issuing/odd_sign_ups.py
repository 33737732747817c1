"""The sign-ups of `odd_sign_ups.json`, as producers sent them."""

import json
from pathlib import Path
from typing import TypedDict

CASES = Path(__file__).with_suffix(".json")


class Case(TypedDict, total=False):
    """A sign-up as a producer sent it, and what was decided about it."""

    name: str
    via: str
    text: str
    padding: int
    outcome: str
    dropped: list[str]
    why: str


def cases() -> list[Case]:
    read: list[Case] = json.loads(CASES.read_text())
    return read


def text_of(case: Case) -> str:
    """Return the detail of its event, or the body of its message."""
    padding = case.get("padding")
    return case["text"] + "x" * padding + '"}' if padding else case["text"]
