"""Python values as DynamoDB attributes, by the declared type of a field."""

import dataclasses
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from pydantic_core import to_json

from couponbus.aws.ledger.moments import from_moment_text, moment_text
from couponbus.aws.ledger.names import stored_as
from couponbus.aws.ledger.record_lists import (
    Annotation,
    defaults_of,
    record_codec,
    record_of_tuple,
    without_none,
)
from couponbus.domain.row import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

type Attribute = "AttributeValueTypeDef"
type Item = dict[str, "AttributeValueTypeDef"]
type Convert = Callable[..., object]


@dataclass(frozen=True, slots=True)
class FieldCodec:
    """How values of one type are stored: DynamoDB's type tag, an encoder and a decoder."""

    tag: str
    write: Convert
    read: Convert


def field_codec_of(annotation: Annotation) -> FieldCodec:
    """Return the codec for a declared type; an optional value that is None is not stored."""
    kind = without_none(annotation)
    if kind in _FIELD_CODECS:
        return _FIELD_CODECS[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return FieldCodec(
            "S", attrgetter("_value_"), {str(each): each for each in kind}.__getitem__
        )
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _codec_of_record(kind)
    if (record := record_of_tuple(kind)) is not None:
        return FieldCodec("S", *record_codec(record))
    raise TypeError(f"no DynamoDB codec for {annotation!r}")


def _codec_of_record(kind: type) -> FieldCodec:
    hints = typing.get_type_hints(kind)
    codecs = {field.name: field_codec_of(hints[field.name]) for field in dataclasses.fields(kind)}
    defaults = defaults_of(kind)

    values_of = attrgetter(*codecs)
    writers = [(stored_as(name), codec.tag, codec.write) for name, codec in codecs.items()]
    readers = [(name, stored_as(name), codec.tag, codec.read) for name, codec in codecs.items()]

    def write(record: object) -> Mapping[str, Mapping[str, object]]:
        # Defaults too: a rule under which a row was made must not change with the next version.
        return {
            name: {tag: write(value)}
            for value, (name, tag, write) in zip(values_of(record), writers, strict=True)
            if value is not None
        }

    def read_record(item: Mapping[str, Mapping[str, object]]) -> object:
        return kind(
            **{
                name: read(item[stored][tag]) if stored in item else defaults[name]
                for name, stored, tag, read in readers
            }
        )

    return FieldCodec("M", write, read_record)


def _write_texts(texts: tuple[str, ...]) -> object:
    return [{"S": text} for text in texts]


def _read_texts(texts: list[Mapping[str, str]]) -> object:
    return tuple(each["S"] for each in texts)


def _write_steps(steps: tuple[Step, ...]) -> object:
    lines = [(moment_text(step.at), step.what, step.detail) for step in steps]
    return to_json(lines).decode()


def _read_steps(text: str) -> object:
    lines = cast("list[tuple[str, str, str]]", json.loads(text))
    return tuple(Step(from_moment_text(at), what, detail) for at, what, detail in lines)


def _as_it_is(value: object) -> object:
    return value


_FIELD_CODECS: Mapping[object, FieldCodec] = {
    str: FieldCodec("S", _as_it_is, _as_it_is),
    int: FieldCodec("N", str, int),
    float: FieldCodec("N", repr, float),
    bool: FieldCodec("BOOL", _as_it_is, _as_it_is),
    datetime: FieldCodec("S", moment_text, from_moment_text),
    date: FieldCodec("S", date.isoformat, date.fromisoformat),
    tuple[str, ...]: FieldCodec("L", _write_texts, _read_texts),
    tuple[Step, ...]: FieldCodec("S", _write_steps, _read_steps),
}
