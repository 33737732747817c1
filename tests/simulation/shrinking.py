"""Reduction of a failing plan to the smallest part that still fails (ddmin)."""

from collections.abc import Callable, Mapping


def smallest(plan: Mapping[int, str], fails: Callable[[dict[int, str]], bool]) -> dict[int, str]:
    """Return a plan from which no fault can be left out; `fails` must hold for the whole plan."""
    left = sorted(plan.items())
    parts = 2
    while len(left) > 1:
        size = -(-len(left) // parts)
        for start in range(0, len(left), size):
            rest = left[:start] + left[start + size :]
            if fails(dict(rest)):
                left, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(parts * 2, len(left))
    return dict(left) if left and not fails({}) else {}
