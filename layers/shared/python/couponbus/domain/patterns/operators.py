"""What a single value of an event is compared with: the values and operators of a pattern."""

import ipaddress
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from couponbus.domain.patterns.wildcard import wildcard

type Test = Callable[[object], bool]

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


def tests_of(values: Sequence[object]) -> list[Test]:
    """Return tests for these alternatives, all plain texts in one."""
    texts = frozenset(value for value in values if isinstance(value, str))
    tests = [_test(value) for value in values if not isinstance(value, str)]
    if texts:
        tests.append(lambda value: isinstance(value, str) and value in texts)
    return tests


def either(tests: Sequence[Test]) -> Test:
    """Return the test that passes where any of these does."""
    return lambda value: any(test(value) for test in tests)


def _test(value: object) -> Test:
    if isinstance(value, Mapping):
        ((name, operand),) = value.items()
        return OPERATORS[name](operand)
    return _equal(value)


def _equal(wanted: object) -> Test:
    if wanted is None or isinstance(wanted, bool):
        return lambda value: value is wanted
    # In Python True equals 1; in JSON it does not.
    return lambda value: value == wanted and value.__class__ is not bool


def _prefix(operand: object) -> Test:
    if isinstance(operand, Mapping):
        start = re.compile(_either_case(str(operand["equals-ignore-case"])))
        return lambda value: isinstance(value, str) and start.match(value) is not None
    exact = _texts(operand)
    return lambda value: isinstance(value, str) and value.startswith(exact)


def _suffix(operand: object) -> Test:
    if isinstance(operand, Mapping):
        end = re.compile(_either_case(str(operand["equals-ignore-case"])) + r"\Z")
        return lambda value: isinstance(value, str) and end.search(value) is not None
    exact = _texts(operand)
    return lambda value: isinstance(value, str) and value.endswith(exact)


def _any_case(operand: object) -> Test:
    wanted = re.compile("|".join(_either_case(text) for text in _texts(operand)))
    return lambda value: isinstance(value, str) and wanted.fullmatch(value) is not None


def _either_case(text: str) -> str:
    """Return a regular expression: each character alone as its lower or its upper case.

    So a final sigma is no other sigma, and a Kelvin sign no k.
    """
    return "".join(f"(?:{re.escape(one.lower())}|{re.escape(one.upper())})" for one in text)


def _wildcard(operand: object) -> Test:
    tests = [wildcard(text) for text in _texts(operand)]
    return lambda value: isinstance(value, str) and any(test(value) for test in tests)


def _anything_but(operand: object) -> Test:
    if isinstance(operand, Mapping):
        excluded = _test(operand)
    else:
        excluded = either([_equal(each) for each in _values(operand)])
    return lambda value: not excluded(value)


def _numeric(operand: object) -> Test:
    parts = cast("Sequence[object]", operand)
    bounds = [
        (COMPARE[cast("str", name)], cast("float", bound))
        for name, bound in zip(parts[::2], parts[1::2], strict=True)
    ]

    def test(value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return all(compare(value, bound) for compare, bound in bounds)

    return test


def _cidr(operand: object) -> Test:
    network = ipaddress.ip_network(cast("str", operand), strict=False)

    def test(value: object) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return test


def _values(operand: object) -> tuple[object, ...]:
    return tuple(operand) if isinstance(operand, list | tuple) else (operand,)


def _texts(operand: object) -> tuple[str, ...]:
    return cast("tuple[str, ...]", _values(operand))


OPERATORS: Mapping[str, Callable[[object], Test]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _any_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
}
