"""Changes of one field of a contract, by the side that they break, each with its message."""

from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, create_model

type Fields = Mapping[str, object]

SHORT = Annotated[str, Field(max_length=64)]
LONG = Annotated[str, Field(max_length=128)]
PATTERN = Annotated[str, Field(pattern="^[a-z]+$")]
FROM_ZERO = Annotated[int, Field(ge=0)]
FROM_ONE = Annotated[int, Field(ge=1)]
TWO, THREE = Literal["a", "b"], Literal["a", "b", "c"]
NESTED = create_model("Nested", code=(str, ...))
NESTED_RETYPED = create_model("Nested", code=(int, ...))
RENAMED = create_model("OtherName", __doc__="The same by another name.", code=(str, ...))
FORBIDDING = create_model("Nested", __config__=ConfigDict(extra="forbid"), code=(str, ...))


class Tree(BaseModel):
    """A model that contains itself."""

    size: int
    inner: list["Tree"]


def field(kind: object, *default: object) -> Fields:
    """Return one field; without a default it is required."""
    return {"x": (kind, *(default or (...,)))}


GONE = pytest.param(field(int), {}, "`x` is gone", id="removed")
GONE_OPTIONAL = pytest.param(field(int, 1), {}, "`x` is gone", id="removed, though optional")
RENAMING = pytest.param(field(int), {"y": (int, None)}, "`x` is gone", id="renamed")
NEW = pytest.param({}, field(int), "`x` is new and required", id="a required one added")
NEEDED = pytest.param(
    field(int, 1), field(int), "`x` could be left out and is required now", id="required"
)
RETYPED = pytest.param(field(int), field(str), "`x` was integer and is string", id="retyped")
RETYPED_BUT_NULL = pytest.param(
    field(int | None), field(str | None), "`x` was integer and is string", id="retyped beside null"
)
RETYPED_INSIDE = pytest.param(
    field(NESTED), field(NESTED_RETYPED), "`x.code` was string and is integer", id="inside"
)
RETYPED_ITEMS = pytest.param(
    field(list[int]), field(list[str]), "`x[]` was integer and is string", id="in a list"
)
RETYPED_VALUES = pytest.param(
    field(dict[str, int]), field(dict[str, str]), "`x.*` was integer and is string", id="in a map"
)
RETYPED_NAMES = pytest.param(
    field(dict[LONG, int]),
    field(dict[SHORT, int]),
    "`names in x` had the maxLength 128 and has 64",
    id="names of a map",
)
SHORTER = pytest.param(
    field(LONG), field(SHORT), "`x` had the maxLength 128 and has 64", id="shorter"
)
BOUNDED = pytest.param(field(str), field(SHORT), "`x` has the maxLength 64 now", id="a bound")
RAISED = pytest.param(
    field(FROM_ZERO), field(FROM_ONE), "`x` had the minimum 0 and has 1", id="a higher minimum"
)
PATTERNED = pytest.param(
    field(str), field(PATTERN), "`x` has the pattern ^[a-z]+$ now", id="a pattern"
)
OTHERWISE = pytest.param(
    field(PATTERN),
    field(Annotated[str, Field(pattern="^[0-9]+$")]),
    "`x` had the pattern ^[a-z]+$ and has ^[0-9]+$",
    id="another pattern",
)
FEWER = pytest.param(field(THREE), field(TWO), "`x` may not be `c` any more", id="fewer values")
CLOSED = pytest.param(field(str), field(TWO), "`x` may only be `a` or `b` now", id="closed values")
OTHER_CONSTANT = pytest.param(
    field(Literal["a"]), field(Literal["b"]), "`x` may not be `a` any more", id="another constant"
)
NEVER_NULL = pytest.param(
    field(int | None), field(int), "`x` may not be null any more", id="not null any more"
)
WHOLE = pytest.param(field(float), field(int), "`x` was number and is integer", id="whole numbers")
SOMETHING = pytest.param(
    field(object), field(int), "`x` was anything and is integer", id="not anything any more"
)
REFUSING = pytest.param(
    field(NESTED),
    field(FORBIDDING),
    "`x` refuses fields that it does not name and used to take",
    id="unknown fields refused",
)
DEFAULT = pytest.param(
    field(int, 1), field(int, 2), "`x` had the default 1 and has 2", id="another default"
)

# A writer of the old form is refused or misread.
TIGHTER = [
    *(GONE, GONE_OPTIONAL, RENAMING, NEW, NEEDED, RETYPED, RETYPED_BUT_NULL, RETYPED_INSIDE),
    *(RETYPED_ITEMS, RETYPED_VALUES, RETYPED_NAMES, SHORTER, BOUNDED, RAISED, PATTERNED),
    *(OTHERWISE, FEWER, CLOSED, OTHER_CONSTANT, NEVER_NULL, WHOLE, SOMETHING, REFUSING, DEFAULT),
]
# A reader of the old form meets what was never there.
LOOSER = [
    pytest.param(
        field(int), field(int, 1), "`x` was always there and may be left out now", id="left out"
    ),
    pytest.param(field(int), field(int | None), "`x` may be null too", id="null"),
    pytest.param(field(int), field(int | str), "`x` may be string too", id="another type too"),
    pytest.param(field(int), field(float), "`x` was integer and is number", id="any number"),
    pytest.param(field(int), field(object), "`x` was integer and is anything", id="anything"),
    pytest.param(
        field(SHORT), field(LONG), "`x` had the maxLength 64 and has 128", id="a wider bound"
    ),
    pytest.param(field(SHORT), field(str), "`x` had the maxLength 64 and has none", id="no bound"),
    pytest.param(
        field(FROM_ONE), field(FROM_ZERO), "`x` had the minimum 1 and has 0", id="a lower minimum"
    ),
    pytest.param(
        field(PATTERN), field(str), "`x` had the pattern ^[a-z]+$ and has none", id="no pattern"
    ),
    pytest.param(field(TWO), field(THREE), "`x` may be `c` too", id="more values"),
    pytest.param(
        field(TWO), field(str), "`x` may be anything beside `a` or `b` now", id="open values"
    ),
    pytest.param(
        field(FORBIDDING),
        field(NESTED),
        "`x` lets more fields through that it does not name",
        id="unknown fields taken",
    ),
]
HARMLESS = [
    pytest.param({}, field(int, 1), id="an optional field"),
    pytest.param({}, field(int | None, None), id="one that may be null"),
    pytest.param(field(NESTED), {**field(NESTED), "y": (NESTED, None)}, id="an optional object"),
    pytest.param(field(int), field(Annotated[int, Field(description="New.")]), id="a description"),
    pytest.param(field(int), field(Annotated[int, Field(deprecated=True)]), id="deprecated"),
    pytest.param(field(NESTED), field(RENAMED), id="another name for a part"),
    pytest.param(field(int | str), field(str | int), id="another order"),
    pytest.param(field(Tree), field(Tree), id="what holds its own kind"),
]
