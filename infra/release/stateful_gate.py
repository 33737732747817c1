"""Refuses templates that lose, replace or overwrite what the last ones hold."""

from collections.abc import Iterator, Mapping

from infra.release.stateful import FIXED, GENERATED, KEPT, REPLACES, Stateful

type Resources = Mapping[str, Stateful]


def refusals(before: Mapping[str, Resources], after: Mapping[str, Resources]) -> list[str]:
    """Return one sentence for each harm that `after` does to `before`, stack by stack."""
    return [
        sentence
        for stack, resources in before.items()
        for logical_id, old in resources.items()
        for sentence in _of_one(
            f"{stack}/{logical_id}", old, new=after.get(stack, {}).get(logical_id)
        )
    ]


def _of_one(place: str, old: Stateful, *, new: Stateful | None) -> Iterator[str]:
    what = f"{place} ({old.type} {old.name})".replace(" )", ")")
    if new is None:
        yield (
            f"{what} is lost: its logical id is gone. Keep its construct's name and its stack, or"
            " take it out in a release of its own."
        )
        return
    if new.type != old.type:
        yield f"{what} would become {new.type}: give the new resource a logical id of its own."
        return
    yield from _replaced(what, old, new)
    yield from _weakened(what, old, new)
    if new.generated != old.generated:
        yield (
            f"{what}: {GENERATED} changed, so CloudFormation would write a new value over the live"
            " one. Undo it; a new shape needs a secret of its own."
        )
    yield from _indexed(what, old, new)


def _replaced(what: str, old: Stateful, new: Stateful) -> Iterator[str]:
    for key in REPLACES[old.type]:
        if old.properties.get(key) != new.properties.get(key):
            yield f"{what} would be replaced, as {key} changed: undo it."
    for key in FIXED.get(old.type, ()):
        if old.properties.get(key) != new.properties.get(key):
            yield f"{what}: {key} changed, on which live rows and readers depend: undo it."


def _weakened(what: str, old: Stateful, new: Stateful) -> Iterator[str]:
    for key, kept in old.policies.items():
        if kept in KEPT and new.policies[key] not in KEPT:
            yield f"{what}: {key} was {kept} and would be {new.policies[key]}: keep it."


def _indexed(what: str, old: Stateful, new: Stateful) -> Iterator[str]:
    added = sorted(new.indexes.keys() - old.indexes.keys())
    deleted = sorted(old.indexes.keys() - new.indexes.keys())
    if len(added) + len(deleted) > 1:
        yield (
            f"{what}: DynamoDB makes or deletes one index in an update, and these are"
            f" {len(added) + len(deleted)}: {', '.join([*added, *deleted])}. Release them one by"
            " one."
        )
    for name in sorted(old.indexes.keys() & new.indexes.keys()):
        if old.indexes[name] != new.indexes[name]:
            yield (
                f"{what}: index {name} has other keys or attributes than before, and an index"
                " cannot change: add one under a new name, and delete this one later."
            )
