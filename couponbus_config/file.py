"""Read `couponbus.yaml`, and report every fault with its line and column."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path as FilePath
from typing import cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from couponbus.domain.patterns.validation import Path, dotted
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.installation import Installation
from couponbus_config.located_yaml import Document, Fault, Unreadable, document
from couponbus_config.names import PRODUCT
from couponbus_config.stage import StageConfig

DEFAULT_FILE = FilePath("couponbus.yaml")
SIZE_LIMIT = 1024 * 1024
KEYS = ("name", "stages")
# Without a hyphen, so that no two installations have a resource of the same name.
INSTALLATION = re.compile(r"[a-z][a-z0-9]{0,19}")
STAGE = re.compile(r"[a-z0-9-]{1,20}")
SENTENCES = {"missing": "is missing", "unexpected_keyword_argument": "unknown"}

type Found = tuple[Path, str]


class InstallationInvalid(ConfigurationError):
    """All faults of a file, in the order of its lines."""

    def __init__(self, *, file: str, faults: Iterable[Fault]) -> None:
        self.file = file
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.column))
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Return a line for each fault, as compilers write them."""
        return [f"{self.file}:{each.line}:{each.column}: {_said(each)}" for each in self.faults]

    def details(self) -> list[dict[str, object]]:
        """Return the faults ready for JSON."""
        return [
            {
                "line": each.line,
                "column": each.column,
                "field": dotted(each.path),
                "text": each.text,
            }
            for each in self.faults
        ]


def read_installation(path: FilePath) -> Installation:
    """Return what a file describes. Raises ConfigurationError, InstallationInvalid."""
    return installation_in(text_of(path), file=path.name)


def text_of(path: FilePath) -> str:
    """Return the text of a file. Raises ConfigurationError for one that cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        hint = "; `couponbus config init` writes one" if not path.exists() else ""
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}{hint}") from None
    if len(content) > SIZE_LIMIT:
        raise ConfigurationError(f"{path} is larger than {SIZE_LIMIT // 1024} KiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{path}:{line}: not UTF-8") from None


def installation_in(text: str, *, file: str) -> Installation:
    """Return what a text describes. Raises InstallationInvalid with all faults."""
    try:
        read = document(text)
    except Unreadable as error:
        raise InstallationInvalid(file=file, faults=[error.fault]) from None
    outside = list(_faults_around_stages(read.value))
    stages, inside = _stages_in(read)
    faults = [read.fault(path, said) for path, said in (*outside, *inside)]
    if faults or read.faults:
        raise InstallationInvalid(file=file, faults=[*read.faults, *faults])
    value = cast("Mapping[str, str]", read.value)
    return Installation(name=value.get("name", PRODUCT), stages=stages)


def _faults_around_stages(value: object) -> Iterator[Found]:
    if not isinstance(value, Mapping):
        yield (), "needs stages under the name `stages`: `couponbus config init` writes a sample"
        return
    for key in cast("Mapping[str, object]", value):
        if key not in KEYS:
            yield (key,), f"unknown{_meant(key, KEYS)}"
    name = value.get("name", PRODUCT)
    if not isinstance(name, str) or not INSTALLATION.fullmatch(name):
        yield ("name",), "use a letter and up to 19 small letters and digits"
    stages = value.get("stages")
    if not isinstance(stages, Mapping) or not stages:
        yield ("stages",), "needs one stage or more, each with its name, such as `prod:`"
        return
    for stage in cast("Mapping[str, object]", stages):
        if not STAGE.fullmatch(stage):
            yield ("stages", stage), "use 1 to 20 small letters, digits and hyphens"


def _stages_in(read: Document) -> tuple[list[StageConfig], list[Found]]:
    value = read.value.get("stages") if isinstance(read.value, Mapping) else None
    stages, faults = [], []
    for name, settings in (value if isinstance(value, Mapping) else {}).items():
        here: Path = ("stages", name)
        if not isinstance(settings, Mapping):
            faults.append((here, "a stage is an object with the accounts of its providers"))
            continue
        if "name" in settings:
            faults.append(((*here, "name"), "unknown; the name of a stage stands before it"))
            continue
        try:
            stages.append(_validator().validate_json(json.dumps({**settings, "name": name})))
        except ValidationError as wrong:
            faults += [_found(each, here) for each in wrong.errors(include_url=False)]
    return stages, faults


@cache
def _validator() -> TypeAdapter[StageConfig]:
    return TypeAdapter(StageConfig)


def _found(error: ErrorDetails, here: Path) -> Found:
    path = (*here, *error["loc"])
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ConfigurationError):
        return (*path, *cause.at), str(cause)
    said = SENTENCES.get(error["type"])
    if said is None:
        return path, f"{error['msg']}, and this is {json.dumps(error['input'])[:60]}"
    return path, said + (_near(path) if said == "unknown" else "")


def _near(path: Path) -> str:
    """Return what was meant, where a setting of a stage or an account is unknown."""
    return _meant(str(path[-1]), known_settings())


@cache
def known_settings() -> tuple[str, ...]:
    """Return the name of every setting."""
    schema = _validator().json_schema()
    parts = (schema, *schema.get("$defs", {}).values())
    return tuple(sorted({name for part in parts for name in part.get("properties", {})}))


def _meant(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _said(fault: Fault) -> str:
    return f"{dotted(fault.path)}: {fault.text}" if fault.path else fault.text
