"""Refuses rights that are not listed."""

from collections.abc import Mapping, Sequence

type Grants = Mapping[str, Sequence[str]]


def widened(before: Mapping[str, Grants], after: Mapping[str, Grants]) -> list[str]:
    """Return one sentence for each right that is new, and each denial that is gone."""
    found = []
    for stack, owners in after.items():
        for owner, sentences in owners.items():
            listed = before.get(stack, {}).get(owner, ())
            found += [
                f"{stack}/{owner} may do what is not listed: {sentence}. If it must, list it with"
                " `make freeze`."
                for sentence in sorted(set(sentences) - set(listed))
                if not sentence.startswith("Deny")
            ]
    for stack, owners in before.items():
        for owner, sentences in owners.items():
            left = after.get(stack, {}).get(owner, ())
            found += [
                f"{stack}/{owner} is no longer refused: {sentence}. Undo it."
                for sentence in sorted(set(sentences) - set(left))
                if sentence.startswith("Deny")
            ]
    return found
