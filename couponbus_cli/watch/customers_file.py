"""Stream the customers of a CSV or JSON lines file, record by record.

Its values are personal data: they are never shown, so a fault names only its position.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import strict_json
from couponbus.events.commands import WatchedCustomer

LINE_MAX = 64 * 1024
COLUMNS = tuple(WatchedCustomer.model_fields)
DELIMITERS = ",;\t"
NUMBER = re.compile("[0-9]{1,19}")


class Format(StrEnum):
    """How customers are written."""

    CSV = "csv"
    JSONL = "jsonl"


EXTENSIONS: Mapping[str, Format] = {
    ".csv": Format.CSV,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The line in which it begins, and its fields, or the fault."""

    line: int
    fields: Mapping[str, object] | None = None
    fault: str = ""


class HeaderInvalid(Exception):
    """The first line does not name the columns; the text says why."""


def format_of(path: Path) -> Format | None:
    """Return the format that a file's extension stands for."""
    return EXTENSIONS.get(path.suffix.lower())


def records(file: BinaryIO, form: Format) -> Iterator[Record]:
    """Yield the records, without blank lines. Raises HeaderInvalid."""
    lines = _Lines(file)
    return _csv_records(lines) if form is Format.CSV else _json_records(lines)


class _Lines(Iterator[str]):
    """Lines as text; an unreadable one is yielded blank, with the reason in `problem`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0
        self.problem = ""

    def __next__(self) -> str:
        raw = self._file.readline(LINE_MAX)
        if not raw:
            raise StopIteration
        self.number += 1
        if len(raw) == LINE_MAX and not raw.endswith(b"\n"):
            self._skip()
            return self._blank(f"longer than {LINE_MAX // 1024} KiB")
        try:
            return raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError:
            return self._blank("not UTF-8")

    def take_problem(self) -> str:
        """Return the reason of the last unreadable line, once."""
        problem, self.problem = self.problem, ""
        return problem

    def _blank(self, problem: str) -> str:
        self.problem = problem
        return "\n"

    def _skip(self) -> None:
        while (rest := self._file.readline(LINE_MAX)) and not rest.endswith(b"\n"):
            pass


def _json_records(lines: _Lines) -> Iterator[Record]:
    for text in lines:
        problem = lines.take_problem()
        if problem:
            yield Record(line=lines.number, fault=problem)
        elif text.strip():
            yield _json_record(text, lines.number)


def _json_record(text: str, line: int) -> Record:
    try:
        value = strict_json(text)
    except InputRejected as wrong:
        text = "has a name twice" if wrong.reason == "duplicate_key" else "is not JSON"
        return Record(line=line, fault=text)
    if not isinstance(value, dict):
        return Record(line=line, fault="is not a JSON object")
    return Record(line=line, fields=value)


def _csv_records(lines: _Lines) -> Iterator[Record]:
    columns, delimiter = _header(lines)
    rows = csv.reader(lines, strict=True, delimiter=delimiter)
    line = lines.number + 1
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            lines.take_problem()
            yield Record(line=line, fault="is not CSV: its quotation marks do not pair up")
        else:
            yield from _csv_record(cells, columns, line=line, problem=lines.take_problem())
        line = lines.number + 1


def _csv_record(
    cells: Sequence[str], columns: Sequence[str], *, line: int, problem: str
) -> Iterator[Record]:
    if problem:
        yield Record(line=line, fault=problem)
    elif len(cells) > len(columns) or 0 < len(cells) < len(columns):
        fault = f"has {len(cells)} cells, and the header has {len(columns)}"
        yield Record(line=line, fault=fault)
    elif any(cell.strip() for cell in cells):
        fields = zip(columns, (cell.strip() for cell in cells), strict=True)
        yield Record(line=line, fields={name: _value(name, cell) for name, cell in fields if cell})


def _value(name: str, cell: str) -> object:
    is_number = name == "coniq_customer_id" and NUMBER.fullmatch(cell)
    return int(cell) if is_number else cell


def _header(lines: _Lines) -> tuple[Sequence[str], str]:
    """Return the columns and their delimiter; an unknown name is not shown: it may be personal."""
    text = next(lines, "")
    needed = f"the first line must name the columns, some of {', '.join(COLUMNS)}"
    if lines.take_problem() or not text.strip():
        raise HeaderInvalid(needed)
    delimiter = next((each for each in DELIMITERS if each in text), ",")
    columns = [cell.strip().strip('"') for cell in text.split(delimiter)]
    for place, column in enumerate(columns, start=1):
        if column not in COLUMNS:
            raise HeaderInvalid(f"column {place} has an unknown name; {needed}")
    if len(set(columns)) < len(columns):
        raise HeaderInvalid(f"a column is named twice; {needed}")
    if "reference" not in columns:
        raise HeaderInvalid("the column `reference` is missing")
    return columns, delimiter
