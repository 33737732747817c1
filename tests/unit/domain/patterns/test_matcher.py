"""Patterns match as EventBridge's documentation says, and bad ones are refused with the place."""

import json
from collections.abc import Mapping

import pytest

from couponbus.domain.patterns.matcher import compiled
from couponbus.domain.patterns.validation import problems

type Json = Mapping[str, object]

INSTANCE = {
    "source": "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-1"],
    "detail": {
        "state": "running",
        "c-count": 5,
        "x-limit": 301.8,
        "source-ip": "10.0.0.33",
        "file": {"name": "dir/a\\b*.PNG", "owner": None, "size": 0, "public": True},
    },
}
EMPLOYEES = {
    "employees": [
        [{"first": "John", "last": "Doe"}, {"first": "Anna", "last": "Smith"}],
        {"first": "Peter", "last": "Jones", "middle": "J."},
        "a text among them",
    ]
}


def matches(pattern: Json, event: Json) -> bool:
    return compiled(pattern)(event)


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"source": ["aws.ec2"]},
        {"source": ["aws.s3", "aws.ec2"], "detail": {"state": ["running"]}},
        {"resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-1", "another"]},
        {"source": [{"prefix": "aws."}]},
        {"source": [{"prefix": {"equals-ignore-case": "AWS."}}]},
        {"source": [{"suffix": "ec2"}]},
        {"source": [{"suffix": {"equals-ignore-case": "EC2"}}]},
        {"source": [{"equals-ignore-case": "AWS.EC2"}]},
        {"source": [{"wildcard": "a*.*c2"}]},
        {"resources": [{"wildcard": "arn:*:instance/*"}]},
        {"detail": {"file": {"name": [{"wildcard": r"dir/*\\b\*.*"}]}}},
        {"detail": {"state": [{"anything-but": "initializing"}]}},
        {"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}]}},
        {"detail": {"state": [{"anything-but": {"prefix": "init"}}]}},
        {"detail": {"state": [{"anything-but": {"prefix": ["init", "stop"]}}]}},
        {"detail": {"state": [{"anything-but": {"suffix": "ed"}}]}},
        {"detail": {"state": [{"anything-but": {"equals-ignore-case": ["STOPPED"]}}]}},
        {"detail": {"state": [{"anything-but": {"wildcard": ["*/lib/*", "s*"]}}]}},
        {"detail": {"x-limit": [{"anything-but": [100, 200, 300]}]}},
        {"detail": {"x-limit": [{"anything-but": "text"}]}},
        {"detail": {"c-count": [{"numeric": [">", 0, "<=", 5]}]}},
        {"detail": {"x-limit": [{"numeric": ["=", 3.018e2]}]}},
        {"detail": {"c-count": [5.0]}},
        {"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}},
        {"detail": {"source-ip": [{"cidr": "10.0.0.7/8"}]}},
        {"detail": {"state": [{"exists": True}], "gone": [{"exists": False}]}},
        {"detail": {"file": [{"exists": False}]}},
        {"detail": {"no": {"such": {"field": [{"exists": False}]}}}},
        {"detail": {"state": ["stopped", {"exists": True}]}},
        {"detail": {"state": ["running", {"exists": False}]}},
        {"detail": {"file": {"owner": [None], "public": [True], "size": [0]}}},
        {"detail": {"file": {"owner": [{"exists": True}]}}},
        {"detail.state": ["running"]},
        {"$or": [{"source": ["aws.s3"]}, {"detail": {"state": ["running"]}}]},
        {"detail": {"$or": [{"state": ["no"]}, {"c-count": [5], "x-limit": [301.8]}]}},
    ],
    ids=json.dumps,
)
def test_a_pattern_matches_the_event(pattern: Json) -> None:
    assert matches(pattern, INSTANCE)


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["AWS.EC2"]},
        {"source": ["aws.ec2"], "detail": {"state": ["stopped"]}},
        {"resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-2"]},
        {"source": [{"prefix": "ec2"}]},
        {"source": [{"wildcard": "a*b*c2"}]},
        {"source": [{"wildcard": "aws.*ws.ec2"}]},
        {"source": [{"wildcard": "aws"}]},
        {"detail": {"c-count": [{"wildcard": "*"}]}},
        {"detail": {"c-count": [{"prefix": ""}]}},
        {"detail": {"c-count": [{"suffix": {"equals-ignore-case": ""}}]}},
        {"detail": {"c-count": [{"equals-ignore-case": "5"}]}},
        {"detail": {"c-count": ["5"]}},
        {"detail": {"state": [{"anything-but": "running"}]}},
        {"detail": {"state": [{"anything-but": {"wildcard": "r*g"}}]}},
        {"detail": {"gone": [{"anything-but": "running"}]}},
        {"detail": {"file": [{"anything-but": "running"}]}},
        {"detail": {"c-count": [{"numeric": [">", 5]}]}},
        {"detail": {"state": [{"numeric": [">", 0]}]}},
        {"detail": {"source-ip": [{"cidr": "10.0.1.0/24"}]}},
        {"detail": {"source-ip": [{"cidr": "::/0"}]}},
        {"detail": {"state": [{"cidr": "0.0.0.0/0"}]}},
        {"detail": {"c-count": [{"cidr": "0.0.0.0/0"}]}},
        {"detail": {"state": [{"exists": False}]}},
        {"detail": [{"exists": True}]},
        {"detail": {"file": {"size": [False], "owner": [{"exists": True}]}}},
        {"detail": {"file": {"public": [1]}}},
        {"detail": {"file": {"public": [{"numeric": ["=", 1]}]}}},
        {"detail": {"file": {"owner": ["", 0, False]}}},
        {"detail": {"state": {"inner": ["running"]}}},
        {"$or": [{"source": ["aws.s3"]}, {"detail": {"state": ["stopped"]}}]},
    ],
    ids=json.dumps,
)
def test_a_pattern_does_not_match_the_event(pattern: Json) -> None:
    assert not matches(pattern, INSTANCE)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"first": ["Anna"]}, True),
        ({"first": ["Anna"], "last": ["Smith"]}, True),
        ({"first": ["Anna"], "last": ["Jones"]}, False),
        ({"middle": [{"exists": True}]}, True),
        ({"middle": [{"exists": False}]}, False),
        ({"first": ["Anna"], "middle": [{"exists": False}]}, True),
        ({"first": ["Peter"], "middle": [{"exists": False}]}, False),
        ({"first": ["Peter"], "middle": ["J."], "last": [{"exists": False}]}, False),
        # `first` is decided before `last`, `age` before both: it looks at every item.
        ({"age": [{"exists": False}], "last": ["Doe"]}, True),
        ({"first": [{"exists": False}], "last": ["Doe"]}, False),
        ({"nickname": [{"exists": False}]}, True),
        ({"first": ["Anna"], "$or": [{"last": ["Jones"]}, {"last": ["Smith"]}]}, True),
    ],
)
def test_fields_of_objects_in_a_list_match_in_one_item(pattern: Json, expected: bool) -> None:
    assert matches({"employees": pattern}, EMPLOYEES) is expected


ORDER = {
    "type": "sale",
    "lines": [
        {"sku": "tea", "price": 3, "gift": True, "tags": ["hot", "new"]},
        {"sku": "mug", "price": 8, "parts": [{"id": 1, "of": "clay"}, {"id": 2}]},
        {"sku": "pot", "price": 3, "parts": [{"id": 2, "of": "iron"}]},
    ],
    "shops": [{"city": "Graz", "open": False}, {"city": "Wien", "note": None}],
    "shop.name": "corner",
    "till": {"no.1": {"on": True}},
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        # A path is a path, however it is cut into names, here and in the event.
        ({"shop": {"name": ["corner"]}}, True),
        ({"shop.name": ["corner"]}, True),
        ({"shop": {"name": [{"exists": False}]}}, False),
        ({"till.no": {"1.on": [True]}}, True),
        ({"till": {"no": {"1": {"on": [True]}}}}, True),
        ({"till": {"no.1": [{"exists": False}]}}, True),
        ({"lines.sku": ["mug"]}, True),
        ({"type.x": ["sale"]}, False),
        # Absence is asked in the item on which the paths sorted before it agreed.
        ({"lines": {"sku": ["mug"], "tags": [{"exists": False}]}}, True),
        ({"lines": {"sku": ["tea"], "tags": [{"exists": False}]}}, False),
        ({"lines": {"gift": [{"exists": False}], "sku": ["mug"]}}, False),
        ({"lines": {"gift": [{"exists": False}, True], "sku": ["mug"]}}, False),
        ({"lines": {"price": [3], "tags": [{"exists": False}]}}, True),
        ({"lines": {"price": [3], "sku": ["pot"], "tags": [{"exists": False}]}}, True),
        (
            {"lines": {"price": [3], "sku": [{"anything-but": "pot"}]}, "x": [{"exists": False}]},
            True,
        ),
        ({"lines": {"price": [8], "tags": [{"exists": False}, "hot"]}}, True),
        ({"lines": {"price": [3], "tags": ["hot"]}, "shops": {"city": ["Wien"]}}, True),
        ({"shops": {"city": ["Graz"], "note": [{"exists": False}]}}, True),
        ({"shops": {"city": ["Wien"], "note": [{"exists": False}]}}, False),
        # Lists in lists, and lists beside each other.
        ({"lines": {"parts": {"id": [1], "of": ["clay"]}}}, True),
        ({"lines": {"parts": {"id": [2], "of": ["clay"]}}}, False),
        ({"lines": {"parts": {"id": [2], "of": [{"exists": False}]}}}, True),
        ({"lines": {"parts": {"id": [1], "of": [{"exists": False}]}}}, False),
        ({"lines": {"parts": {"id": [2]}, "sku": ["pot"]}}, True),
        ({"lines": {"parts": {"id": [1]}, "sku": ["pot"]}}, False),
        ({"lines": {"parts": {"of": ["iron"]}, "price": [3], "sku": ["pot"]}}, True),
        ({"lines": {"price": [8]}, "shops": {"open": [False]}}, True),
        # One value of a list of plain values says nothing about its place.
        ({"lines": {"tags": ["new"], "sku": ["tea"]}}, True),
        ({"lines": {"tags": ["new"], "sku": ["mug"]}}, False),
        # A choice of $or replaces what stood before it for the same path, what follows replaces it.
        ({"type": ["x"], "$or": [{"type": ["sale"]}, {"shops.city": ["Rome"]}]}, True),
        ({"type": ["sale"], "$or": [{"type": ["x"]}, {"shops.city": ["Rome"]}]}, False),
        ({"$or": [{"type": ["sale"]}, {"shops.city": ["Rome"]}], "type": ["x"]}, False),
        ({"$or": [{"type": ["x"]}, {"shops.city": ["Rome"]}], "type": ["sale"]}, True),
        ({"lines": {"sku": ["x"]}, "$or": [{"lines.sku": ["mug"]}, {"type": ["x"]}]}, True),
        ({"shop": {"name": ["x"]}, "shop.name": ["corner"]}, True),
        ({"shop.name": ["corner"], "shop": {"name": ["x"]}}, False),
        (
            {"lines": {"price": [3], "$or": [{"sku": ["mug"]}, {"tags": [{"exists": False}]}]}},
            True,
        ),
        (
            {"lines": {"price": [8], "$or": [{"sku": ["tea"]}, {"tags": ["hot"]}]}},
            False,
        ),
    ],
    ids=json.dumps,
)
def test_paths_items_and_choices_are_decided_as_the_engine_does(
    pattern: Json, expected: bool
) -> None:
    assert matches(pattern, ORDER) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ({"equals-ignore-case": "ΟΔΟΣ"}, "οδοσ", True),
        ({"equals-ignore-case": "ΟΔΟΣ"}, "οδος", False),
        ({"equals-ignore-case": "οδος"}, "ΟΔΟΣ", True),
        ({"equals-ignore-case": "οδος"}, "οδοσ", False),
        ({"equals-ignore-case": "k"}, "\u212a", False),
        ({"equals-ignore-case": "straße"}, "STRASSE", True),
        ({"equals-ignore-case": "strasse"}, "straße", False),
        ({"equals-ignore-case": ""}, "", True),
        ({"equals-ignore-case": "a.c"}, "ABC", False),
        ({"equals-ignore-case": "a"}, "a\n", False),
        ({"prefix": {"equals-ignore-case": "ÄR"}}, "ärger", True),
        ({"suffix": {"equals-ignore-case": "ΟΣ"}}, "οδος", False),
        ({"suffix": {"equals-ignore-case": "é"}}, "CAFÉ", True),
        ({"anything-but": {"equals-ignore-case": "ΟΔΟΣ"}}, "οδος", True),
        ({"anything-but": {"equals-ignore-case": ["no", "NEIN"]}}, "Nein", False),
        ({"numeric": [">=", -5e9]}, -5e9, True),
        ({"numeric": ["=", 0.1]}, 0.1, True),
        ({"numeric": [">", 1, "<", 2]}, 2, False),
        ({"numeric": [">", 1]}, "2", False),
        ({"numeric": [">", 1]}, None, False),
        ({"cidr": "2001:db8::/32"}, "2001:0db8:0:0:0:0:0:1", True),
        ({"cidr": "2001:db8::/32"}, "2001:db9::1", False),
        ({"cidr": "10.0.0.0/31"}, "10.0.0.2", False),
        ({"wildcard": "*.jpg"}, ".jpg", True),
        ({"wildcard": "a*a"}, "a", False),
        ({"anything-but": [1, 2]}, "1", True),
        ({"anything-but": "1"}, 1, True),
        ({"anything-but": 1}, 1.0, False),
        ({"anything-but": {"suffix": [".js", ".ts"]}}, "x.ts", False),
        ({"anything-but": {"prefix": "a"}}, None, True),
    ],
)
def test_an_operator_decides_as_the_engine_does(
    operator: Json, value: object, expected: bool
) -> None:
    assert matches({"a": [operator]}, {"a": value}) is expected


def test_many_items_in_many_lists_are_decided_at_once() -> None:
    event = {name: [{"x": number, "y": -number} for number in range(3000)] for name in "abcdef"}
    pattern: Json = {name: {"x": [{"numeric": [">", 0]}], "y": [1]} for name in "abcdef"}

    assert not matches(pattern, event)


def test_choices_that_multiply_without_end_are_refused() -> None:
    choices = [{"$or": [{f"{place}{one}": ["x"]} for one in "abcd"]} for place in "abcde"]
    pattern: Json = {}
    for number, choice in enumerate(choices):
        pattern = {f"n{number}": {**choice, **pattern}}

    assert [text for _, text in problems(pattern)] == [
        "more than 1,000 combinations of the choices of $or"
    ]


def test_a_list_of_the_event_matches_anything_but_if_one_item_differs() -> None:
    pattern: Json = {"tags": [{"anything-but": ["a"]}]}

    assert matches(pattern, {"tags": ["a", "b"]})
    assert matches(pattern, {"tags": ("a", None)})
    assert not matches(pattern, {"tags": ["a", ["a"]]})


def test_an_empty_list_holds_no_value() -> None:
    assert matches({"tags": [{"exists": False}]}, {"tags": []})
    assert not matches({"tags": [{"exists": True}]}, {"tags": []})


def test_a_wildcard_needs_no_time_that_grows_with_its_stars() -> None:
    pattern: Json = {"a": [{"wildcard": "*".join("x" * 40) + "*y"}]}

    assert not matches(pattern, {"a": "x" * 100_000})
