"""Stream the customers of a CSV or JSON lines file, record by record.

Its values are personal data: they are never shown, so a fault names only its position.
"""

import codecs
import csv
import re
import unicodedata
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
SEPARATOR = re.compile("(?i:sep)=([,;\t])")
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ERROR_CELL = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)")
ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?[Ee]\+?[0-9]{1,3}")
NO_VALUE = frozenset({"null", "none", "nil", "nan", "n/a", "na", "undefined", "(null)"})


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


def _fault_of_cell(name: str, cell: str) -> str:
    """Return what a spreadsheet or an export did to a value, empty if nothing is seen."""
    if not name:
        return "has a value in a column without a name"
    faults = {
        f"{cell} is an error of a spreadsheet, no value": ERROR_CELL.fullmatch(cell),
        "begins with =, like a formula of a spreadsheet": cell.startswith("="),
        "is in scientific notation: a spreadsheet has rounded the number": ROUNDED.fullmatch(cell),
        f"{cell} stands for no value: leave the cell empty": cell.casefold() in NO_VALUE,
        "has an invisible character": any(unicodedata.category(each) == "Cf" for each in cell),
    }
    found = next((fault for fault, applies in faults.items() if applies), "")
    return found and f"{name}: {found}"


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
        if self.number == 1 and raw.startswith(UTF_16):
            return self._blank("is UTF-16: save it as CSV UTF-8")
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
    """Yield a record for each line: no field may hold a line end, so no record needs a second."""
    columns, delimiter = _header(lines)
    for text in lines:
        problem = lines.take_problem()
        if problem:
            yield Record(line=lines.number, fault=problem)
            continue
        try:
            cells = _cells(text, delimiter)
        except csv.Error:
            fault = "is not CSV: a quotation mark of this line has no partner in it"
            yield Record(line=lines.number, fault=fault)
        else:
            yield from _csv_record(cells, columns, line=lines.number)


def _cells(text: str, delimiter: str) -> list[str]:
    """Return the cells of a line, none for a blank one. Raises csv.Error."""
    line = text.rstrip("\r\n")
    rows = csv.reader([line], strict=True, delimiter=delimiter)
    return [cell.strip() for cell in next(rows, [])]


def _csv_record(cells: Sequence[str], columns: Sequence[str], *, line: int) -> Iterator[Record]:
    if not any(cells):
        return
    if len(cells) != len(columns):
        fault = f"has {len(cells)} cells, and the header has {len(columns)}"
        yield Record(line=line, fault=fault)
        return
    fields = {name: cell for name, cell in zip(columns, cells, strict=True) if cell}
    faults = [_fault_of_cell(name, cell) for name, cell in fields.items()]
    if any(faults):
        yield Record(line=line, fault="; ".join(filter(None, faults)))
        return
    yield Record(line=line, fields={name: _value(name, cell) for name, cell in fields.items()})


def _value(name: str, cell: str) -> object:
    is_number = name == "coniq_customer_id" and NUMBER.fullmatch(cell)
    return int(cell) if is_number else cell


def _header(lines: _Lines) -> tuple[Sequence[str], str]:
    """Return the columns and their delimiter; an unknown name is not shown: it may be personal.

    Spreadsheets may name the delimiter in a line of its own, and add columns without a name.
    """
    text = next(lines, "")
    separator = SEPARATOR.fullmatch(text.strip())
    if separator is not None:
        text = next(lines, "")
    needed = f"the first line must name the columns, some of {', '.join(COLUMNS)}"
    problem = lines.take_problem()
    if problem or not text.strip():
        raise HeaderInvalid(f"{problem}; {needed}" if problem else needed)
    if "\r" in text.rstrip("\r\n"):
        raise HeaderInvalid("its lines end with a carriage return alone: save it as CSV UTF-8")
    found = next((each for each in DELIMITERS if each in text), ",")
    delimiter = separator[1] if separator else found
    columns = [cell.strip().strip('"') for cell in text.split(delimiter)]
    named = [column for column in columns if column]
    for place, column in enumerate(columns, start=1):
        is_surplus = not column and place > len(named)
        if column not in COLUMNS and not is_surplus:
            raise HeaderInvalid(f"column {place} has an unknown name; {needed}")
    if len(set(named)) < len(named):
        raise HeaderInvalid(f"a column is named twice; {needed}")
    if "reference" not in columns:
        raise HeaderInvalid("the column `reference` is missing")
    return columns, delimiter
