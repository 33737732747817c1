"""Python values as DynamoDB attributes, by the type that a field declares."""

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from pydantic_core import to_json

from couponbus.domain.row import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

type Attribute = "AttributeValueTypeDef"
type Item = dict[str, "AttributeValueTypeDef"]
type Convert = Callable[..., object]

# The rows of a batch share most of their moments: what becomes of one is remembered.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Form:
    """How values of one type are written: DynamoDB's type letter, and the way there and back."""

    tag: str
    write: Convert
    read: Convert


@lru_cache(maxsize=1024)
def epoch_ms(moment: datetime) -> str:
    """Return a number of milliseconds that loses nothing: microseconds follow the point."""
    whole, rest = divmod((moment - EPOCH) // MICROSECOND, 1000)
    return f"{whole}.{rest:03d}" if rest else str(whole)


@lru_cache(maxsize=1024)
def from_epoch_ms(text: str) -> datetime:
    """Undo `epoch_ms`, whatever zeros DynamoDB dropped at the end."""
    whole, _, rest = text.partition(".")
    return EPOCH + timedelta(milliseconds=int(whole), microseconds=int(f"{rest:0<3}"))


@lru_cache(maxsize=1024)
def moment_text(moment: datetime) -> str:
    """Return it in UTC as ISO 8601 without needless zeros: storage is billed by the KB."""
    text = moment.astimezone(UTC).isoformat().removesuffix("+00:00")
    return f"{text.removesuffix('000') if '.' in text else text}Z"


_moment = lru_cache(maxsize=1024)(datetime.fromisoformat)


def form_of(declared: object) -> Form:
    """Return the form for a declared type; optional ones are absent when they are None."""
    kind = _without_none(declared)
    if kind in _FORMS:
        return _FORMS[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Form("S", attrgetter("_value_"), {str(each): each for each in kind}.__getitem__)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _form_of_record(kind)
    raise TypeError(f"no DynamoDB form for {declared!r}")


def _form_of_record(kind: type) -> Form:
    hints = typing.get_type_hints(kind)
    forms = {field.name: form_of(hints[field.name]) for field in dataclasses.fields(kind)}

    values_of = attrgetter(*forms)
    writers = [(name, form.tag, form.write) for name, form in forms.items()]

    def write(record: object) -> Mapping[str, Mapping[str, object]]:
        return {
            name: {tag: write(value)}
            for value, (name, tag, write) in zip(values_of(record), writers, strict=True)
            if value is not None
        }

    def read(item: Mapping[str, Mapping[str, object]]) -> object:
        return kind(
            **{
                name: form.read(item[name][form.tag]) if name in item else None
                for name, form in forms.items()
            }
        )

    return Form("M", write, read)


def _without_none(declared: object) -> object:
    if not isinstance(declared, types.UnionType):
        return declared
    kinds = [kind for kind in typing.get_args(declared) if kind is not types.NoneType]
    return kinds[0] if len(kinds) == 1 else declared


def _write_texts(texts: tuple[str, ...]) -> object:
    return [{"S": text} for text in texts]


def _read_texts(listed: list[Mapping[str, str]]) -> object:
    return tuple(each["S"] for each in listed)


def _write_steps(steps: tuple[Step, ...]) -> object:
    lines = [(moment_text(step.at), step.what, step.detail) for step in steps]
    return to_json(lines).decode()


def _read_steps(text: str) -> object:
    lines = cast("list[tuple[str, str, str]]", json.loads(text))
    return tuple(Step(_moment(at), what, detail) for at, what, detail in lines)


def _as_it_is(value: object) -> object:
    return value


_FORMS: Mapping[object, Form] = {
    str: Form("S", _as_it_is, _as_it_is),
    int: Form("N", str, int),
    bool: Form("BOOL", _as_it_is, _as_it_is),
    datetime: Form("S", moment_text, _moment),
    date: Form("S", date.isoformat, date.fromisoformat),
    tuple[str, ...]: Form("L", _write_texts, _read_texts),
    tuple[Step, ...]: Form("S", _write_steps, _read_steps),
}
