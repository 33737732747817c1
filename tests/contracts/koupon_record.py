"""The keys that Koupon's page names, parsed from its text (docs/providers.md#koupon-answers)."""

import re
from collections.abc import Iterator

QUOTES = str.maketrans({"“": '"', "”": '"', "\N{NO-BREAK SPACE}": " "})
KEY = re.compile(r'"(?P<name>\w+)"?\s*:')
TABLE_ROW = re.compile(r"^(?:asdf )?(?P<path>[a-zA-Z_.\[\]]+) \S")
PARAMETER_ROW = re.compile(r"^(?P<name>[a-z_]+) optional ")
EXAMPLES = "Example Response"
TABLE = ("Response keys", "Getting single offer")
PARAMETERS = ("Query Parameters", EXAMPLES)
ENVELOPE = {"code", "message", "version", "Offers", "summary"}


def documented_keys(page: str) -> set[str]:
    """Return the paths of the response table, as `Offers.print.printTitle`."""
    rows = page.translate(QUOTES).partition(TABLE[0])[2].partition(TABLE[1])[0].splitlines()
    found = (match["path"] for row in rows if (match := TABLE_ROW.match(row)))
    paths = {path.replace("[x]", "") for path in found if path != "Key"}
    return {path if path.split(".")[0] in ENVELOPE else f"Offers.{path}" for path in paths}


def exampled_keys(page: str) -> set[str]:
    """Return the paths of all examples together."""
    parts = page.translate(QUOTES).split(EXAMPLES)[1:]
    return {path for part in parts for path in _walk(_block(part))}


def parameters(page: str) -> set[str]:
    """Return the names of the query parameters."""
    text = page.partition(PARAMETERS[0])[2].partition(PARAMETERS[1])[0]
    return {match["name"] for row in text.splitlines() if (match := PARAMETER_ROW.match(row))}


def _block(part: str) -> str:
    # The example is no JSON, but its braces are balanced.
    depth = 0
    start = part.index("{")
    for place, character in enumerate(part[start:], start=start):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return part[start : place + 1]
    raise ValueError("the example does not end")


def _walk(block: str) -> Iterator[str]:
    stack: list[str] = []
    last = ""
    for token in re.finditer(r'"\w+"?\s*:|[{}]', block):
        if token[0] == "{":
            stack.append(last)
        elif token[0] == "}":
            stack.pop()
        else:
            match = KEY.match(token[0])
            assert match is not None
            last = match["name"]
            yield ".".join([*(step for step in stack if step), last])
