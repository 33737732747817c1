"""Takes out of a Markdown file what can be checked: code spans and the lines of fenced blocks."""

import re
from dataclasses import dataclass

FENCE = re.compile(r"^ *```(\w*)\s*$")
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
SHELL = {"bash", "sh", "shell", "console"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page claims to exist."""

    spans: tuple[str, ...]
    """The texts between single backticks, outside of fenced blocks."""
    commands: tuple[str, ...]
    """One entry for each command of a fenced shell block, continued lines joined."""


def read(text: str) -> Page:
    """Split a page; an unclosed fence runs to its end."""
    spans: list[str] = []
    shell: list[str] = []
    fence: str | None = None
    for line in text.splitlines():
        if mark := FENCE.match(line):
            fence = None if fence is not None else mark.group(1)
        elif fence is None:
            spans += SPAN.findall(line)
        elif fence in SHELL:
            shell.append(line)
    return Page(spans=tuple(spans), commands=tuple(_commands(shell)))


def _commands(lines: list[str]) -> list[str]:
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    bare = (re.sub(r"(^\$ |\s+#.*$)", "", line.strip()) for line in joined.splitlines())
    return [line for line in bare if line and not line.startswith("#")]
