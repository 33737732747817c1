"""Extracts the checkable parts of a Markdown file: code spans, commands, headings and links."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FENCE = re.compile(r"^ *```(\w*)\s*$")
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$")
LINK = re.compile(r"\[([^]\n]*)\]\(([^)\s]+)[^)\n]*\)")
ROW = re.compile(r"^ *\|(.+)\| *$")
RULE = re.compile(r"^ *\|( *:?-+:? *\|)+ *$")
GONE = re.compile(r"<!-- gone: (.+?) -->", re.DOTALL)
SHELL = {"bash", "sh", "shell", "console"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The code spans, commands and links of a page, and the headings to which others can link."""

    spans: tuple[str, ...]
    """The texts between single backticks, outside of fenced blocks."""
    commands: tuple[str, ...]
    """One entry for each command of a fenced shell block, continued lines joined."""
    anchors: tuple[str, ...]
    """What GitHub calls each heading in a URL."""
    links: tuple[str, ...]
    """The targets of the links outside of fenced blocks."""
    gone: tuple[str, ...]
    """What comments such as <!-- gone: old_module.py, an_old_name --> say to exist no more."""


def read(text: str) -> Page:
    """Split a page; an unclosed fence runs to its end."""
    prose, shell = _split(text)
    bare = [SPAN.sub("", line) for line in prose]
    gone = ",".join(GONE.findall("\n".join(prose)))
    return Page(
        spans=tuple(span for line in prose for span in SPAN.findall(line)),
        commands=tuple(_commands(shell)),
        anchors=tuple(_anchors(prose)),
        links=tuple(target for line in bare for _, target in LINK.findall(line)),
        gone=tuple(name.strip() for name in gone.split(",") if name.strip()),
    )


def rows_under(text: str, heading: str) -> list[list[str]]:
    """Return the cells of each row of the tables between a heading and the next one.

    Raises ValueError if there is no such heading.
    """
    prose, _ = _split(text)
    titles = [match.group(1) if (match := HEADING.match(line)) else None for line in prose]
    start = titles.index(heading) + 1
    end = next((at for at in range(start, len(prose)) if titles[at] is not None), len(prose))
    return list(_rows(prose[start:end]))


def _split(text: str) -> tuple[list[str], list[str]]:
    """Return the lines outside of fenced blocks, and those of the shell's blocks."""
    prose: list[str] = []
    shell: list[str] = []
    fence: str | None = None
    for line in text.splitlines():
        if mark := FENCE.match(line):
            fence = None if fence is not None else mark.group(1)
        elif fence is None:
            prose.append(line)
        elif fence in SHELL:
            shell.append(line)
    return prose, shell


def _anchors(prose: Sequence[str]) -> Iterator[str]:
    """Yield the slug of each heading; a repeated one gets a number."""
    seen: Counter[str] = Counter()
    for match in filter(None, map(HEADING.match, prose)):
        words = LINK.sub(r"\1", match.group(1)).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        yield f"{slug}-{seen[slug]}" if slug in seen else slug
        seen[slug] += 1


def _rows(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the rows below the rule of a table."""
    is_below = False
    for line in lines:
        row = ROW.match(line)
        if row and is_below:
            yield [cell.strip() for cell in row.group(1).split(" | ")]
        is_below = bool(row) and (is_below or bool(RULE.match(line)))


def _commands(lines: list[str]) -> list[str]:
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    bare = (re.sub(r"(^\$ |\s+#.*$)", "", line.strip()) for line in joined.splitlines())
    return [line for line in bare if line and not line.startswith("#")]
