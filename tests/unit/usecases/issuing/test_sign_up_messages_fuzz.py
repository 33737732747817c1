"""No mangled message raises or disappears."""

import copy
import json
import random
from collections import Counter
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.patterns.matcher import compiled
from couponbus.usecases.issuing.sign_up_messages import sort_messages
from couponbus.usecases.messages import Message
from tests.fakes.clock import NOON
from tests.thorough import thorough

type Json = dict[str, object]

GOOD: Json = {
    "id": "event-1",
    "detail-type": "CustomerSignedUp",
    "source": "shop.accounts",
    "detail": {
        "signup_id": "signup-1",
        "occurred_at": "2026-06-01T12:00:00Z",
        "tenant": "north",
        "customer": {
            "coniq_customer_id": 42,
            "email": "someone@customer.example",
            "birth_date": "2000-02-29",
        },
        "consents": ["marketing"],
        "attributes": {"shop": "a", "n": 3, "tags": ["x"]},
    },
}
COMMAND: Json = {"type": "ContinueWork", "keys": ["ISSUANCE#J7OV3HHE653VCEMPERBZXHSJMO"]}
HOSTILE: list[object] = [
    None,
    True,
    0,
    -1,
    2**63,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "\u0000",
    "\ud800",
    "a\nb",
    "\u202e",
    "x" * 2000,
    "1557906937",
    "2026-06-01",
    [],
    {},
    [[[[]]]],
    {"detail": {}},
    ["CustomerSignedUp"],
]
READS_EVERYTHING = compiled(
    {
        "detail": {
            "$or": [
                {"attributes": {"n": [{"numeric": [">", 2]}], "shop": [{"wildcard": "*"}]}},
                {"customer": {"email": [{"suffix": ".example"}]}},
                {"extra": [{"exists": False}]},
                {"tags": [{"anything-but": ["x"]}]},
            ]
        }
    }
)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    if isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def hostile(source: random.Random) -> object:
    """Return a copy: what is mangled next must not change what others get."""
    return copy.deepcopy(source.choice(HOSTILE))


def mangled(message: Json, source: random.Random) -> str:
    """Return the message with up to three fields lost, doubled, renamed or replaced."""
    value = json.loads(json.dumps(message))
    for _ in range(source.randint(1, 3)):
        left = places(value)[1:]
        if not left:
            break
        *parents, last = source.choice(left)
        place = value
        for key in parents:
            place = place[key]
        match source.randrange(5):
            case 0:
                place.pop(last)
            case 1:
                place[last] = hostile(source)
            case 2 if isinstance(place, dict):
                place[str(last) + source.choice(["", "\ud800", "\u0000", " "])] = place.pop(last)
            case 3 if isinstance(place, dict):
                place["extra"] = hostile(source)
            case _:
                place[last] = [place[last]] * 3
    text = json.dumps(value)
    cut = source.randrange(len(text)) if source.random() < 0.1 else len(text)
    return text[:cut] + ("," * (source.random() < 0.05))


def all_accounted_for(bodies: list[str]) -> bool:
    messages = [Message(message_id=str(index), body=body) for index, body in enumerate(bodies)]
    arrivals = sort_messages(messages, now=NOON)
    for sign_up in arrivals.sign_ups:
        READS_EVERYTHING(sign_up.envelope)
    named = Counter(one.message_id for one in arrivals.sign_ups)
    named.update(one.message_id for one in arrivals.invalid)
    several = {name for name, number in named.items() if number > 1}
    return (
        all(messages[int(name)].body.lstrip().startswith("[") for name in several)
        and set(named) <= {one.message_id for one in messages}
        and len(named) + len(arrivals.commands) == len(messages)
    )


@thorough(300, few=80)
@given(
    st.lists(
        st.tuples(st.sampled_from([GOOD, cast("Json", GOOD["detail"]), COMMAND]), st.integers()),
        min_size=1,
        max_size=6,
    )
)
def test_a_mangled_message_is_a_sign_up_a_command_or_put_aside(
    wanted: list[tuple[Json, int]],
) -> None:
    assert all_accounted_for([mangled(message, random.Random(seed)) for message, seed in wanted])


@given(st.lists(st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("latin-1")))))
def test_any_text_is_put_aside_without_a_sound(bodies: list[str]) -> None:
    assert all_accounted_for(bodies)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["detail", "detail-type", "type", "keys", "signup_id", "customer", "attributes"]
            )
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(ANY_JSON, max_size=3))
def test_any_json_is_accounted_for(values: list[object]) -> None:
    assert all_accounted_for([json.dumps(value) for value in values])
