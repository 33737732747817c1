"""What is wrong with a pattern is found with its place, before the pattern is compiled."""

from collections.abc import Mapping

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.patterns.matcher import compiled
from couponbus.domain.patterns.validation import dotted, problems

type Json = Mapping[str, object]


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ([], ""),
        ({"a": "text"}, "a"),
        ({"a": {"b": [1], "c": []}}, "a.c"),
        ({"a": {}}, "a"),
        ({"a": [[1]]}, "a[0]"),
        ({"a": [float("nan")]}, "a[0]"),
        ({"a": [1, {"prefix": 1}]}, "a[1].prefix"),
        ({"a": [{"prefix": {"suffix": "b"}}]}, "a[0].prefix.suffix"),
        ({"a": [{"suffix": {"equals-ignore-case": 1}}]}, "a[0].suffix.equals-ignore-case"),
        ({"a": [{"prefix": "b", "suffix": "c"}]}, "a[0]"),
        ({"a": [{}]}, "a[0]"),
        ({"a": [{1: 2}]}, "a[0]"),
        ({"a": [{"regex": ".*"}]}, "a[0].regex"),
        ({"a": [{"wildcard": "a**b"}]}, "a[0].wildcard"),
        ({"a": [{"wildcard": r"a\b"}]}, "a[0].wildcard"),
        ({"a": [{"wildcard": "a" + "\\" * 3}]}, "a[0].wildcard"),
        ({"a": [{"wildcard": 1}]}, "a[0].wildcard"),
        ({"a": [{"anything-but": []}]}, "a[0].anything-but"),
        ({"a": [{"anything-but": ["b", 1]}]}, "a[0].anything-but"),
        ({"a": [{"anything-but": True}]}, "a[0].anything-but"),
        ({"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}, "a[0].anything-but.cidr"),
        ({"a": [{"anything-but": {"prefix": ""}}]}, "a[0].anything-but.prefix"),
        ({"a": [{"anything-but": {"prefix": []}}]}, "a[0].anything-but.prefix"),
        ({"a": [{"anything-but": {"suffix": ["b", 1]}}]}, "a[0].anything-but.suffix[1]"),
        ({"a": [{"numeric": [">"]}]}, "a[0].numeric"),
        ({"a": [{"numeric": "> 5"}]}, "a[0].numeric"),
        ({"a": [{"numeric": ["!=", 5]}]}, "a[0].numeric[0]"),
        ({"a": [{"numeric": [">", "5"]}]}, "a[0].numeric[1]"),
        ({"a": [{"numeric": [">", 5.1e9]}]}, "a[0].numeric[1]"),
        ({"a": [{"numeric": [">", True]}]}, "a[0].numeric[1]"),
        ({"a": [{"numeric": ["<", 5, ">", 0]}]}, "a[0].numeric"),
        ({"a": [{"numeric": [">", 5, "<", 5]}]}, "a[0].numeric"),
        ({"a": [{"exists": "yes"}]}, "a[0].exists"),
        ({"a": [{"cidr": "10.0.0.0"}]}, "a[0].cidr"),
        ({"a": [{"cidr": "10.0.0.0/99"}]}, "a[0].cidr"),
        ({"a": [{"cidr": 1}]}, "a[0].cidr"),
        ({"$or": [{"a": [1]}]}, "$or"),
        ({"$or": {"a": [1]}}, "$or"),
        ({"$or": [{"a": [1]}, "b"]}, "$or[1]"),
        ({"$or": [{"a": [1]}, {}]}, "$or[1]"),
        ({"$or": [{"a": [1]}, {"b": {"prefix": ["c"]}}]}, "$or[1].b.prefix"),
        ({"a": {1: ["b"]}}, "a"),
        ({"a": ["x" * 5000]}, ""),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_fault_is_found_with_its_path(pattern: object, path: str) -> None:
    assert [dotted(where) for where, _ in problems(pattern)] == [path]


def test_all_faults_are_found_at_once() -> None:
    pattern: Json = {"a": [], "b": {"c": [{"exists": 1}, {"nope": 1}]}, "d": 5}

    with pytest.raises(ConfigurationInvalid) as refusal:
        compiled(pattern)

    for path in ("a: ", "b.c[0].exists: ", "b.c[1].nope: ", "d: "):
        assert path in str(refusal.value)


def test_a_pattern_nested_without_end_is_refused() -> None:
    pattern: Json = {"a": ["b"]}
    for _ in range(900):
        pattern = {"a": pattern}

    assert [text for _, text in problems(pattern)] == ["nested deeper than 20 fields"]
