"""Read a programs file, in YAML or JSON, and report every fault with its line."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import cast

from couponbus.domain.issuing.program import OCCURRENCE, Program
from couponbus.domain.patterns.validation import Path, dotted, problems
from couponbus_cli.app.matchable import no_sign_up
from couponbus_cli.programs import fields
from couponbus_cli.programs.list_filters import faults_of_filters
from couponbus_cli.programs.watch_part import faults_of_watch, rules_of
from couponbus_config.located_yaml import Document, Fault, Unreadable, document

SIZE_LIMIT = 256 * 1024
PROGRAMS_LIMIT = 200
NONE_OF_THEM = f"; a program that only watches has none of {', '.join(fields.TO_ISSUE)}"


class ProgramsFileInvalid(Exception):
    """All faults of a file, in the order of its lines."""

    def __init__(self, *, file: str, faults: list[Fault]) -> None:
        self.file = file
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Return a line for each fault, as compilers write them."""
        return [f"{self.file}:{fault.line}: {_fault_text(fault)}" for fault in self.faults]

    def details(self) -> list[dict[str, object]]:
        """Return the faults ready for JSON."""
        return [
            {"line": fault.line, "field": dotted(fault.path), "text": fault.text}
            for fault in self.faults
        ]


def _fault_text(fault: Fault) -> str:
    return f"{dotted(fault.path)}: {fault.text}" if fault.path else fault.text


def read_programs(path: FilePath) -> list[Program]:
    """Return the programs of a file. Raises ProgramsFileInvalid, or OSError."""
    with path.open("rb") as file:
        content = file.read(SIZE_LIMIT + 1)
    if len(content) > SIZE_LIMIT:
        raise _invalid(path.name, f"larger than {SIZE_LIMIT // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _invalid(path.name, "not UTF-8", line=line) from None
    return programs_in(text, file=path.name)


def programs_in(text: str, *, file: str) -> list[Program]:
    """Return the programs of a text. Raises ProgramsFileInvalid with all faults."""
    try:
        read = document(text)
    except Unreadable as error:
        raise ProgramsFileInvalid(file=file, faults=[error.fault]) from None
    found = list(_faults(read.value))
    faults = [Fault(line=read.line(path), path=path, text=text) for path, text in found]
    if faults or read.faults:
        raise ProgramsFileInvalid(file=file, faults=[*read.faults, *faults])
    programs = [_program(item) for item in _items(read)]
    found = list(faults_of_filters(programs))
    if found:
        faults = [Fault(line=read.line(path), path=path, text=text) for path, text in found]
        raise ProgramsFileInvalid(file=file, faults=faults)
    return programs


def _invalid(file: str, text: str, *, line: int = 1) -> ProgramsFileInvalid:
    return ProgramsFileInvalid(file=file, faults=[Fault(line=line, path=(), text=text)])


def _items(read: Document) -> list[Mapping[str, object]]:
    value = cast("Mapping[str, list[Mapping[str, object]]]", read.value)
    return value["programs"]


def _faults(value: object) -> Iterator[tuple[Path, str]]:
    programs = value.get("programs") if isinstance(value, Mapping) else None
    if not isinstance(programs, list):
        yield (), "needs a list under the name `programs`, such as programs: []"
        return
    for key in cast("Mapping[str, object]", value):
        if key != "programs":
            yield (key,), "unknown; the file has `programs` only"
    if len(programs) > PROGRAMS_LIMIT:
        yield ("programs",), f"more than {PROGRAMS_LIMIT} programs"
        return
    names: set[object] = set()
    for index, item in enumerate(programs):
        here: Path = ("programs", index)
        if not isinstance(item, dict):
            yield here, "a program is an object with the fields name, match, account, ..."
            continue
        yield from _faults_of_one(item, here)
        name = item.get("name")
        if isinstance(name, str) and name in names:
            yield (*here, "name"), f"{name} is the name of an earlier program too"
        names.add(name if isinstance(name, str) else None)


def _faults_of_one(item: Mapping[str, object], here: Path) -> Iterator[tuple[Path, str]]:
    for key in item:
        if key not in fields.KNOWN:
            yield (*here, key), f"unknown field{_meant(key)}"
    for key, text in fields.REQUIRED.items():
        if key not in item:
            yield (*here, key), text
    yield from _faults_of_purpose(item, here)
    for key in fields.PLAIN.keys() & item.keys():
        wrong = _wrong(key, item[key])
        if wrong:
            yield (*here, key), wrong
    if "match" in item:
        yield from _faults_of_pattern(item["match"], (*here, "match"))
    yield from _faults_of_window(item, here)


def _faults_of_purpose(item: Mapping[str, object], here: Path) -> Iterator[tuple[Path, str]]:
    """Check that a program issues, or watches, or does both."""
    if "watch" in item:
        yield from faults_of_watch(item["watch"], (*here, "watch"))
    if any(key in item for key in fields.TO_ISSUE):
        more = "" if "watch" not in item else NONE_OF_THEM
        for key, text in fields.TO_ISSUE.items():
            if key not in item:
                yield (*here, key), text + more
    elif "watch" not in item:
        needed = ", ".join(fields.TO_ISSUE)
        yield here, f"does nothing: give {needed} to issue barcodes, or watch, or both"
    elif "tracking_prefix" in item:
        yield (*here, "tracking_prefix"), "is for barcodes, and this program issues none"


def _wrong(key: str, value: object) -> str:
    try:
        fields.PLAIN[key](value)
    except fields.ValueRefused as wrong:
        return str(wrong)
    return ""


def _faults_of_pattern(pattern: object, here: Path) -> Iterator[tuple[Path, str]]:
    wrong = problems(pattern)
    for path, text in wrong:
        yield (*here, *path), text
    if wrong or not isinstance(pattern, Mapping):
        return
    for field, text in dict(no_sign_up(pattern)).items():
        top = field.split(".")[0]
        yield (*here, top if top in pattern else field), text


def _faults_of_window(item: Mapping[str, object], here: Path) -> Iterator[tuple[Path, str]]:
    try:
        start, end = (fields.moment(item.get(key)) for key in ("valid_from", "valid_until"))
    except fields.ValueRefused:
        return
    if start is not None and end is not None and end <= start:
        yield (*here, "valid_until"), "must be later than valid_from"


def _meant(key: str) -> str:
    close = difflib.get_close_matches(key, fields.KNOWN, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(fields.KNOWN)}"


def _program(item: Mapping[str, object]) -> Program:
    issues = "offer_id" in item
    return Program(
        name=fields.name(item["name"]),
        pattern=cast("Mapping[str, object]", item["match"]),
        account=fields.name(item["account"]) if issues else None,
        offer_id=fields.offer_id(item["offer_id"]) if issues else None,
        channel=fields.channel(item["channel"]) if issues else None,
        tracking_prefix=fields.tracking_prefix(item.get("tracking_prefix", "")),
        required_consents=fields.consents(item.get("required_consents", [])),
        minimum_age=fields.minimum_age(item.get("minimum_age")),
        valid_from=fields.moment(item.get("valid_from")),
        valid_until=fields.moment(item.get("valid_until")),
        precheck_existing=issues and fields.precheck_existing(item["precheck_existing"]),
        occurrence=fields.name(item.get("occurrence", OCCURRENCE)),
        watches=rules_of(item.get("watch")),
    )
