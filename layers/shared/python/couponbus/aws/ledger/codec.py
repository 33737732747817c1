"""Ledger rows as DynamoDB items: the fields by `names`, and the attributes of the indexes.

A field that is None or has its default is left out (but the state, which operators search for);
an attribute without a field is ignored, because a newer version may have written it.
"""

import dataclasses
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from operator import attrgetter
from typing import cast

from couponbus.aws.ledger.attention_index import attention_places_of
from couponbus.aws.ledger.attributes import FieldCodec, Item, field_codec_of
from couponbus.aws.ledger.due_index import shard_of
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.moments import EPOCH, epoch_ms, from_epoch_ms, moment_text
from couponbus.aws.ledger.names import SHORT, stored_as
from couponbus.aws.ledger.outbox_marks import outcome_of
from couponbus.aws.ledger.packing import packed, unpacked
from couponbus.aws.ledger.record_lists import defaults_of
from couponbus.aws.ledger.retention import EXPIRING, issuance_kept_until, kept_until
from couponbus.domain.copying import made
from couponbus.domain.errors import ConfigurationInvalid, RowsBroken
from couponbus.domain.row import LOOK_UP_FAILED, Row

SORT = "ROW"
SIGNUP_INDEX, SIGNUP_KEY = "signups", "signup"
OUTCOMES = SHORT["outcomes"]

_DAMAGE = (
    LookupError,
    ArithmeticError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    ConfigurationInvalid,
)
_OF_A_SIGN_UP = {
    *("ISSUANCE", "RESOLUTION", "REJECTION", "UNMATCHED"),
    *("WATCH", "REDEMPTION", "NOTICE"),
}
_TENANT_AND_SIGN_UP = attrgetter("tenant", "signup_id")
# Where the attributes of an index are made that only one kind of rows has.
_OF_ONE_INDEX = {
    "WATCH": "polling.cohort_items.places_of",
    "EVENT": "webhooks.event_log.history_places_of",
    "HISTORY": "webhooks.event_log.history_places_of",
    "UNMATCHED": "ledger.unmatched_index.unmatched_places_of",
}

type _Places = Iterable[tuple[str, Mapping[str, str]]]

# Attributes that no field has alone: those of indexes, and what the stream and `status` look for.
_DERIVED = ("due_shard", "unpublished", "look_ups_failing_since", "signup", "attention", "ttl")
# By name: the modules of the indexes are loaded with the rows that are in them.
_DERIVED_OF_AN_EXPIRING = (
    *("history_shard", "history_place"),
    *("cohort", "place", "end_cohort", "end_place"),
)


def encode(row: Row, *, decided_kept: timedelta | None = None) -> Item:
    """Return the whole item of a row; decided issuances expire after `decided_kept`, if at all."""
    key = row.key
    codec = _CODECS[key.partition("#")[0]]
    item: dict[str, Mapping[str, object]] = {"pk": {"S": key}, "sk": {"S": SORT}}
    for value, (name, default, tag, write) in zip(codec.values(row), codec.writers, strict=True):
        # By identity, which is quicker: the defaults are zero, empty, and names of states.
        if value is not None and value is not default:
            item[name] = {tag: write(value)}
    if row.due_at is not None:
        item["due_shard"] = {"S": shard_of(row)}
    if row.unpublished:
        item["unpublished"] = {"S": outcome_of(row)}
    if row.trail and row.trail[-1].what == LOOK_UP_FAILED:
        item["look_ups_failing_since"] = {"S": moment_text(row.trail[-1].at)}
    if (sign_up := sign_up_of(row)) is not None:
        item[SIGNUP_KEY] = {"S": signup_ref(tenant=sign_up[0], signup_id=sign_up[1])}
    item.update(codec.places_of(row))
    if decided_kept is not None:
        item.update(_expiry(issuance_kept_until(row, decided=decided_kept)))
    return cast("Item", item)


def decode(item: Mapping[str, Mapping[str, object]]) -> Row:
    """Return the row of an item. Raises RowsBroken."""
    key = str(item["pk"]["S"])
    kind, _, identity = key.partition("#")
    try:
        codec = _CODECS[kind]
        values = {**codec.defaults, codec.identity: identity}
        readers = codec.readers
        for name, attribute in item.items():
            if name in readers:
                field, tag, read = readers[name]
                values[field] = read(attribute[tag])
        return codec.made_of(values)
    except _DAMAGE:
        raise RowsBroken([key]) from None


def attributes_of(kind: str) -> Sequence[str]:
    """Return all attributes that an item of this kind may have beside its key.

    An attribute that is read, by whatever name, is among them: what an update leaves out is gone.
    """
    return _CODECS[kind].attributes


def outcomes_in(item: Mapping[str, Mapping[str, object]]) -> int:
    """Return how many outcomes a row has, without decoding the rest of its item."""
    return int(str(item[OUTCOMES]["N"])) if OUTCOMES in item else 0


def sign_up_of(row: Row) -> tuple[str, str] | None:
    """Return the tenant and the id of the sign-up that a row is of, None if it is of none."""
    if row.key.partition("#")[0] not in _OF_A_SIGN_UP:
        return None
    tenant, signup_id = _TENANT_AND_SIGN_UP(row)
    return None if signup_id is None else (tenant, signup_id)


def signup_ref(*, tenant: str, signup_id: str) -> str:
    """Return the index key of all rows of a sign-up, and of no other sign-up.

    The first `#` ends the tenant, so one in a tenant's name is escaped.
    """
    # Most names hold neither, and two searches are quicker than two replacements.
    if "#" in tenant or "%" in tenant:
        tenant = tenant.replace("%", "%25").replace("#", "%23")
    return f"{tenant}#{signup_id}"


def _places_of(name: str) -> Callable[[Row], _Places]:
    """Return what yields the attributes of indexes and expiry for the rows of a kind."""
    if name not in EXPIRING:
        return attention_places_of  # of issuances see `encode`: they are written most
    of_one_index = _of_one_index(name)

    def of_an_expiring(row: Row) -> Iterator[tuple[str, Mapping[str, str]]]:
        yield from attention_places_of(row)
        yield from _expiry(kept_until(row))
        yield from of_one_index(row)

    return of_an_expiring


def _expiry(until: datetime | None) -> _Places:
    return () if until is None else (("ttl", {"N": str(int((until - EPOCH).total_seconds()))}),)


def _of_one_index(name: str) -> Callable[[Row], _Places]:
    if name not in _OF_ONE_INDEX:
        return lambda _: ()
    module, _, function = _OF_ONE_INDEX[name].rpartition(".")
    found: Callable[[Row], _Places] = getattr(import_module(f"couponbus.aws.{module}"), function)
    return found


@dataclass(frozen=True, slots=True)
class _Codec:
    """What is computed once for each class of rows."""

    kind: type[Row]
    identity: str
    values: Callable[[Row], tuple[object, ...]]
    writers: tuple[tuple[str, object, str, Callable[..., object]], ...]
    readers: Mapping[str, tuple[str, str, Callable[..., object]]]
    attributes: Sequence[str]
    fields: int
    defaults: Mapping[str, object]
    places_of: Callable[[Row], _Places]

    def made_of(self, values: dict[str, object]) -> Row:
        """Return the row with exactly these values. Raises KeyError if one is missing."""
        if len(values) < self.fields:
            raise KeyError
        return made(self.kind, values)


def _codec_of(name: str, kind: type[Row]) -> _Codec:
    identity = f"{name.lower()}_id"
    hints = typing.get_type_hints(kind)
    fields = [field for field in dataclasses.fields(kind) if field.name != identity]
    field_codecs = {field.name: field_codec_of(hints[field.name]) for field in fields}
    # A number, because it is the sort key of the due index.
    field_codecs["due_at"] = FieldCodec("N", epoch_ms, from_epoch_ms)
    if name == "EVENT":
        field_codecs["body"] = FieldCodec("S", packed, unpacked)
    if name == "HISTORY":
        # With its class, which is loaded by now.
        from couponbus.domain.webhooks.history_page import whole  # noqa: PLC0415

        field_codecs["content"] = replace(field_codecs["content"], read=whole)
    required = [field.name for field in fields if field.default is dataclasses.MISSING]
    readers = {
        stored_as(each): (each, codec.tag, codec.read) for each, codec in field_codecs.items()
    }
    return _Codec(
        kind=kind,
        identity=identity,
        values=attrgetter(*(field.name for field in fields)),
        writers=tuple(
            (
                stored_as(field.name),
                None if field.name in (*required, "state") else field.default,
                field_codecs[field.name].tag,
                field_codecs[field.name].write,
            )
            for field in fields
        ),
        readers=readers,
        attributes=tuple(dict.fromkeys((*readers, *_derived_of(name)))),
        fields=len(fields) + 1,
        defaults={each: value for each, value in defaults_of(kind).items() if each != identity},
        places_of=_places_of(name),
    )


def _derived_of(name: str) -> Sequence[str]:
    """Return the attributes of the indexes, which no field has alone."""
    return (*_DERIVED, *_DERIVED_OF_AN_EXPIRING) if name in EXPIRING else _DERIVED


class _Codecs(dict[str, _Codec]):
    """The codecs of the kinds that were met."""

    def __missing__(self, name: str) -> _Codec:
        """Make the codec of a kind. Raises KeyError."""
        codec = self[name] = _codec_of(name, KINDS[name])
        return codec


_CODECS = _Codecs()
