"""`dataclasses.replace` for ledger rows, at an eighth of its cost."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The type checker knows this one, and refuses fields that do not exist.
    from dataclasses import replace as replace  # noqa: PLC0414
else:

    def replace[T](original: T, /, **changes: object) -> T:
        """Return a copy with these fields changed.

        A batch makes a thousand copies of thirty fields: a dict is copied in one step, which is
        why rows have no slots.
        """
        copy = object.__new__(type(original))
        vars(copy).update(vars(original), **changes)
        return copy
