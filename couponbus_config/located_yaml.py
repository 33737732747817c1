"""YAML and JSON as plain values, each with its line in the file.

YAML 1.2 scalars: `NO` is a country and `0123` a text; anchors, tags and dates are not needed here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from couponbus.domain.patterns.validation import Path

type Place = tuple[int, int]

DEPTH = 40
JSON_START = ("{", "[")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to correct; `line` and `column` count from 1, an empty path is the whole file."""

    line: int
    path: Path
    text: str
    column: int = 1


class Unreadable(Exception):
    """The text is not YAML, or has features that are not accepted."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A value with the line of each path in it, and its duplicate keys."""

    value: object
    places: Mapping[Path, Place]
    faults: tuple[Fault, ...]

    def line(self, path: Path) -> int:
        """Return the line of the path, or of the nearest value around it."""
        return self._place(path)[0]

    def fault(self, path: Path, text: str) -> Fault:
        """Return the fault with its place."""
        line, column = self._place(path)
        return Fault(line=line, column=column, path=path, text=text)

    def _place(self, path: Path) -> Place:
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


class _Loader(yaml.SafeLoader):
    """Knows the scalars of JSON only."""


_SCALARS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
)
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )


def document(text: str) -> Document:
    """Read one document. Raises Unreadable."""
    if text.lstrip("\ufeff \t\r\n").startswith(JSON_START):
        # JSON may be indented with tabs, and has none inside its strings; YAML refuses tabs.
        text = text.replace("\t", " ")
    try:
        _refuse_what_grows(text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise Unreadable(_fault_of(error)) from None
    reader = _Reader()
    value = None if node is None else reader.read(node, ())
    return Document(value=value, places=reader.places, faults=tuple(reader.faults))


def _refuse_what_grows(text: str) -> None:
    """Check the flat events first: composing recurses, and expands each alias."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH:
            raise _refused(event, f"nested deeper than {DEPTH}")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(event, "anchors (&) and aliases (*) are not accepted: write it out")
        if getattr(event, "tag", None) not in (None, "!"):
            raise _refused(event, "tags (!) are not accepted")


def _refused(event: yaml.Event, text: str) -> Unreadable:
    return Unreadable(_at(event.start_mark, text))


def _fault_of(error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    hint = " (indent with spaces, not with tabs)" if problem and r"'\t'" in problem else ""
    return _at(mark, f"not YAML: {problem or 'it cannot be read'}{hint}")


def _at(mark: Any, text: str) -> Fault:
    line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
    return Fault(line=line, column=column, path=(), text=text)


@dataclass(slots=True)
class _Reader:
    places: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def read(self, node: yaml.Node, path: Path) -> object:
        self.places.setdefault(path, _place_of(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            place = line, column = _place_of(key_node)
            key = _key(key_node)
            if key is None:
                text = "a field name must be text"
                self.faults.append(Fault(line=line, column=column, path=path, text=text))
                continue
            here = (*path, key)
            if key in values:
                text = f"given twice, first in line {self.places[here][0]}"
                self.faults.append(Fault(line=line, column=column, path=here, text=text))
                continue
            self.places[here] = place
            values[key] = self.read(value_node, here)
        return values


def _place_of(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _key(node: yaml.Node) -> str | None:
    """Return the name as written: `on` and `1` are names too."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    match node.tag.rpartition(":")[2]:
        case "bool":
            return text.lower() == "true"
        case "null":
            return None
        case "int":
            return int(text) if len(text) < 20 else float(text)  # noqa: PLR2004
        case "float":
            return float(text)
    # JSON escapes a character above U+FFFF as a surrogate pair; YAML keeps the two halves.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
