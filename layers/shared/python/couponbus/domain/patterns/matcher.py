"""EventBridge's content filtering, as closures over events of plain JSON values.

Fields of one object must all match; values of one list are alternatives. A list in the event
matches if any of its items does; fields of an object in a list must match in the same item.
A key is one field name: dots in it do not reach into objects.
(AWS docs, "Comparison operators for use in event patterns in Amazon EventBridge".)
"""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.patterns.operators import Test, either, tests_of
from couponbus.domain.patterns.validation import OR, dotted, problems

type Event = Mapping[str, object]
type Matcher = Callable[[Event], bool]
# Gets an object of the event, and the whole event: a field is absent only if it is nowhere.
type Check = Callable[[Event, Event], bool]

MISSING = object()
NOTHING: Event = {}


def compiled(pattern: Mapping[str, object]) -> Matcher:
    """Return the test for events; {} matches all. Raises ConfigurationInvalid with the paths."""
    wrong = problems(pattern)
    if wrong:
        raise ConfigurationInvalid("; ".join(f"{dotted(path)}: {text}" for path, text in wrong))
    check = _all(pattern, ())

    def matches(event: Event) -> bool:
        return check(event, event)

    return matches


def _all(pattern: Mapping[str, object], path: tuple[str, ...]) -> Check:
    checks = tuple(_field(key, value, path) for key, value in pattern.items())

    def check(item: Event, event: Event) -> bool:
        for each in checks:  # noqa: SIM110 - a generator in all() doubles the time
            if not each(item, event):
                return False
        return True

    return check


def _field(key: str, value: object, path: tuple[str, ...]) -> Check:
    if key == OR:
        choices = cast("Sequence[Mapping[str, object]]", value)
        return _any([_all(choice, path) for choice in choices])
    if isinstance(value, Mapping):
        return _inside(key, _all(value, (*path, key)))
    values = cast("Sequence[object]", value)
    tests = tests_of([each for each in values if not _is_exists(each)])
    wanted = [each["exists"] for each in values if isinstance(each, Mapping) and _is_exists(each)]
    checks = [_leaf(key, tests)] if tests else []
    checks += [_present(key) for present in wanted if present]
    checks += [_absent((*path, key)) for present in wanted if not present]
    return checks[0] if len(checks) == 1 else _any(checks)


def _any(checks: Sequence[Check]) -> Check:
    return lambda item, event: any(check(item, event) for check in checks)


def _inside(key: str, check: Check) -> Check:
    def descend(item: Event, event: Event) -> bool:
        value = item.get(key, MISSING)
        if value.__class__ is dict:
            return check(cast("Event", value), event)
        return any(check(each, event) for each in _objects(value) or (NOTHING,))

    return descend


def _leaf(key: str, tests: Sequence[Test]) -> Check:
    test = tests[0] if len(tests) == 1 else either(tests)

    def check(item: Event, _event: Event) -> bool:
        value = item.get(key, MISSING)
        if value.__class__ is str:
            return test(value)
        return any(test(each) for each in _leaves(value))

    return check


def _present(key: str) -> Check:
    return lambda item, _event: bool(_leaves(item.get(key, MISSING)))


def _absent(path: tuple[str, ...]) -> Check:
    *parents, key = path

    def check(_item: Event, event: Event) -> bool:
        items: list[Event] = [event]
        for parent in parents:
            items = [inner for item in items for inner in _objects(item.get(parent, MISSING))]
        return not any(_leaves(item.get(key, MISSING)) for item in items)

    return check


def _objects(value: object) -> list[Event]:
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, list | tuple):
        return [each for inner in value for each in _objects(inner)]
    return []


def _leaves(value: object) -> list[object]:
    if isinstance(value, list | tuple):
        return [leaf for inner in value for leaf in _leaves(inner)]
    return [] if value is MISSING or isinstance(value, Mapping) else [value]


def _is_exists(value: object) -> bool:
    return isinstance(value, Mapping) and "exists" in value
