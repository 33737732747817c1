"""A full and a bare row of each kind, with fixed values that are obviously fake."""

import dataclasses
import enum
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from couponbus.aws.ledger.kinds import KINDS
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.look_up_results import failed_look_up
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.row import Row
from couponbus.domain.webhooks.history_page import HistoryPage, packed_page

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
POLICY = PollPolicy(share_permille=200, floor_seconds=60, cap_seconds=120, horizon_seconds=86_400)
EVENT = tuple(f"fake-{name}" for name in ("id", "tenant", "source", "type", "customer-ref", "body"))
# Only these owe events to the bus; what they owe is an attribute that the stream's filters read.
OWING = (
    *("ISSUANCE", "RESOLUTION", "REJECTION", "TALLY"),
    *("WATCH", "REDEMPTION", "NOTICE", "STOCK", "ENDPOINT"),
)


def golden_rows() -> Iterator[tuple[str, Row]]:
    """Yield the rows with a name for each."""
    for name, kind in KINDS.items():
        row = full(kind)
        yield f"{name} full", dataclasses.replace(row, published=1) if name in OWING else row
        yield f"{name} bare", bare(kind)
    # Its step is also an attribute, which `couponbus status` scans for.
    yield "ISSUANCE failing", failed_look_up(full(Issuance), why="status_400", now=BEGIN)
    active = dataclasses.replace(full(Watch), state=WatchState.ACTIVE, ended_at=None)
    active = dataclasses.replace(active, published=active.outcomes)
    yield "WATCH active", dataclasses.replace(active, list_filter=None)
    yield "WATCH filtered", active


def full[R](kind: type[R]) -> R:
    """Return an object with a value in each field, none of them a default."""
    return _made(kind, _fields(kind))


def bare[R](kind: type[R]) -> R:
    """Return an object with values only in the fields that have no default."""
    missing = dataclasses.MISSING
    return _made(kind, [each for each in _fields(kind) if each.default is missing])


def _fields(kind: type) -> tuple["dataclasses.Field[object]", ...]:
    assert dataclasses.is_dataclass(kind)
    return dataclasses.fields(kind)


def _made[R](kind: type[R], fields: Iterable["dataclasses.Field[object]"]) -> R:
    hints = typing.get_type_hints(kind)
    values = {
        field.name: _value(hints[field.name], field, place)
        for place, field in enumerate(fields, start=1)
    }
    if kind is HistoryPage:
        values["content"] = packed_page([EVENT])
    return kind(**values)


def words() -> Iterator[tuple[str, list[str]]]:
    """Yield by kind and field the values of each field that is an enum."""
    for name, kind in KINDS.items():
        for field, declared in typing.get_type_hints(kind).items():
            for each in (declared, *typing.get_args(declared)):
                if isinstance(each, type) and issubclass(each, enum.Enum):
                    yield f"{name} {field}", [word.value for word in each]


def _value(declared: object, field: "dataclasses.Field[object]", place: int) -> object:
    """Return the value of a field; its place makes it different from its neighbours'."""
    if isinstance(declared, types.UnionType):
        return _value(typing.get_args(declared)[0], field, place)
    if typing.get_origin(declared) is tuple:
        inner = typing.get_args(declared)[0]
        return (_value(inner, field, place), _value(inner, field, place + 1))
    if declared is bool:
        return not field.default
    if declared in _PLAIN:
        return _PLAIN[declared](field.name.replace("_", "-"), place)
    assert isinstance(declared, type)
    return list(declared)[-1] if issubclass(declared, enum.Enum) else full(declared)


_PLAIN: Mapping[object, typing.Callable[[str, int], object]] = {
    str: lambda name, place: f"fake-{name}-{place}",
    int: lambda _, place: place + 1,
    float: lambda _, place: place + 0.5,
    datetime: lambda _, place: BEGIN + timedelta(days=place),
    date: lambda _, place: (BEGIN + timedelta(days=place)).date(),
    PollPolicy: lambda _name, _place: POLICY,
}
