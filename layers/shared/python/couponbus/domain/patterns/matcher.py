"""EventBridge's content filtering, as its engine does it, over events of plain JSON values.

The engine knows no objects, only paths: `a.b` in a pattern or an event is `b` in `a`. Each way
through `$or` is a pattern of its own, in which the last value for a path counts. The paths are
decided in their sorted order; each keeps the items of lists that the paths before it agreed on.
(AWS docs, "Comparison operators for use in event patterns in Amazon EventBridge"; aws/event-ruler.)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TypeIs, cast

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.patterns.operators import Test, either, tests_of
from couponbus.domain.patterns.validation import OR, dotted, problems

type Event = Mapping[str, object]
type Matcher = Callable[[Event], bool]
# The lists on the way to a value, from the outermost: the path of each, and the place in it.
type Items = tuple[tuple[str, int], ...]
type Branch = dict[str, Sequence[object]]

MISSING = object()
LISTED = object()  # there is a list on the way, or a dotted name: every way must be gone
ANYWHERE: frozenset[Items] = frozenset([()])


def compiled(pattern: Mapping[str, object]) -> Matcher:
    """Return the test for events; {} matches all. Raises ConfigurationInvalid with the paths."""
    wrong = problems(pattern)
    if wrong:
        raise ConfigurationInvalid("; ".join(f"{dotted(path)}: {text}" for path, text in wrong))
    branches = [_steps(branch) for branch in ways(pattern)]
    if len(branches) == 1:
        return partial(_passes, branches[0])
    return lambda event: any(_passes(steps, event) for steps in branches)


def ways(pattern: Mapping[str, object]) -> Sequence[Mapping[str, Sequence[object]]]:
    """Return the values for each path, once for each way through `$or`; it must be valid."""
    return _extended([{}], pattern, "")


def accepts_absence(values: Sequence[object]) -> bool:
    """Whether an event without a value at the path can match."""
    return any(each["exists"] is False for each in values if _is_exists(each))


def _extended(branches: list[Branch], pattern: Mapping[str, object], within: str) -> list[Branch]:
    for key, value in pattern.items():
        if key == OR:
            choices = cast("Sequence[Mapping[str, object]]", value)
            copies = [[dict(branch) for branch in branches] for _ in choices]
            branches = [
                branch
                for choice, given in zip(choices, copies, strict=True)
                for branch in _extended(given, choice, within)
            ]
        elif isinstance(value, Mapping):
            branches = _extended(branches, value, f"{within}{key}.")
        else:
            for branch in branches:
                branch[within + key] = cast("Sequence[object]", value)
    return branches


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    """A path, and for each part of it the keys that may stand there in an event."""

    # (the key, the path up to its end, how many parts that is); no part left is the end.
    keys: tuple[tuple[tuple[str, str, int], ...], ...]

    def plain(self, event: Event) -> object:
        """Return the only value at this path, MISSING if there is none, LISTED if that is open."""
        value: object = event
        for keys in self.keys:
            if value.__class__ is not dict:
                return LISTED if isinstance(value, Mapping | list | tuple) else MISSING
            item = cast("Event", value)
            for each in keys[1:]:
                if each[0] in item:
                    return LISTED
            value = item.get(keys[0][0], MISSING)
            if value is MISSING:
                return MISSING
        if value.__class__ is dict:
            return MISSING
        return LISTED if isinstance(value, Mapping | list | tuple) else value

    def leaves(self, event: Event) -> list[tuple[object, Items]]:
        """Return the values at this path; an object is none, and an empty list holds none."""
        return list(self._inside(event, 0, ()))

    def _inside(self, item: Event, start: int, items: Items) -> Iterator[tuple[object, Items]]:
        for key, path, after in self.keys[start]:
            value = item.get(key, MISSING)
            if value is not MISSING:
                yield from self._spread(value, path, after, items)

    def _spread(
        self, value: object, path: str, after: int, items: Items
    ) -> Iterator[tuple[object, Items]]:
        if isinstance(value, Mapping):
            if after < len(self.keys):
                yield from self._inside(value, after, items)
        elif isinstance(value, list | tuple):
            for place, each in enumerate(value):
                nested = isinstance(each, Mapping | list | tuple)
                inner = (*items, (path, place)) if nested else items
                yield from self._spread(each, path, after, inner)
        elif after == len(self.keys):
            yield value, items


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    path: _Path
    following: str
    test: Test | None
    accepts_absence: bool

    def accepts(self, value: object) -> bool:
        """Whether it accepts the only value there is, or that there is none."""
        if value is MISSING:
            return self.accepts_absence
        return self.test is not None and self.test(value)

    def taken(self, before: frozenset[Items], event: Event) -> frozenset[Items]:
        """Return the items that this path agrees with, none if it does not match."""
        leaves = self.path.leaves(event)
        test, after = self.test, frozenset[Items]()
        if test is not None:
            after = _agreed(before, {items for value, items in leaves if test(value)})
        if self.accepts_absence:
            after |= before - _touched(before, {items for _, items in leaves})
        kept = after if after <= ANYWHERE else frozenset(map(self._kept, after))
        return ANYWHERE if kept == ANYWHERE else kept

    def _kept(self, items: Items) -> Items:
        """Drop the lists that no later path goes through; sorted paths never come back to them."""
        return tuple(takewhile(lambda item: self.following.startswith(f"{item[0]}."), items))


def _steps(branch: Mapping[str, Sequence[object]]) -> tuple[_Step, ...]:
    paths = sorted(branch)
    following = [*paths, ""][1:]
    return tuple(
        _step(path, branch[path], after) for path, after in zip(paths, following, strict=True)
    )


def _step(path: str, values: Sequence[object], following: str) -> _Step:
    tests = tests_of([each for each in values if not _is_exists(each)])
    if any(each["exists"] is True for each in values if _is_exists(each)):
        tests = [lambda _value: True]
    test = None if not tests else tests[0] if len(tests) == 1 else either(tests)
    return _Step(
        path=_path(path), following=following, test=test, accepts_absence=accepts_absence(values)
    )


def _is_exists(value: object) -> TypeIs[Mapping[str, object]]:
    return isinstance(value, Mapping) and "exists" in value


def _path(path: str) -> _Path:
    parts = path.split(".")
    ends = range(1, len(parts) + 1)
    return _Path(
        keys=tuple(
            tuple((".".join(parts[start:end]), ".".join(parts[:end]), end) for end in ends[start:])
            for start in range(len(parts))
        )
    )


def _passes(steps: Sequence[_Step], event: Event) -> bool:
    states = ANYWHERE
    for step in steps:
        value = step.path.plain(event) if states is ANYWHERE else LISTED
        if value is not LISTED:
            if step.accepts(value):
                continue
            return False
        states = step.taken(states, event)
        if not states:
            return False
    return True


def _agreed(before: frozenset[Items], found: set[Items]) -> frozenset[Items]:
    """Return each pair of the two that names the same items, joined: the longer one of both."""
    if before == ANYWHERE:
        return frozenset(found)
    longer = {items for items in found if any(items[:end] in before for end in _ends(items))}
    kept = {items for items in before if any(items[:end] in found for end in _ends(items))}
    return frozenset(longer | kept)


def _touched(before: frozenset[Items], found: set[Items]) -> frozenset[Items]:
    """Return those of `before` for whose items there is a value."""
    starts = {items[:end] for items in found for end in _ends(items)}
    return frozenset(
        items
        for items in before
        if items in starts or any(items[:end] in found for end in _ends(items))
    )


def _ends(items: Items) -> range:
    return range(len(items) + 1)
