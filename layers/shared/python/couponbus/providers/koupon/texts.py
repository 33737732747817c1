"""Checks of the texts that go into a URL of Koupon's."""

import unicodedata
from collections.abc import Sequence

from couponbus.domain.errors import InputRejected

LENGTH_MAX = 256
OFFER_IDS_MAX = 1_000
_FOLDED_AWAY = frozenset({".", ".."})


def check_text(value: object, *, field: str) -> str:
    """Return a text that can be sent as it is. Raises InputRejected that names the field."""
    if not isinstance(value, str):
        raise InputRejected("not_text", fields=(field,))
    if not value.strip():
        raise InputRejected("empty", fields=(field,))
    if len(value) > LENGTH_MAX:
        raise InputRejected("too_long", fields=(field,))
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise InputRejected("not_text", fields=(field,))
    return value


def check_segment(value: object, *, field: str) -> str:
    """Return a text that can be a path segment. Raises InputRejected that names the field."""
    text = check_text(value, field=field)
    if text in _FOLDED_AWAY:  # normalising the path would drop it, encoded or not
        raise InputRejected("not_an_id", fields=(field,))
    return text


def check_offer_ids(values: Sequence[object]) -> list[str]:
    """Return the ids of offers. Raises InputRejected, also for more than 1,000 of them."""
    if isinstance(values, str):
        raise InputRejected("not_a_list", fields=("offer_ids",))
    if len(values) > OFFER_IDS_MAX:
        raise InputRejected("too_many_ids", fields=("offer_ids",))
    return [_check_offer_id(value) for value in values]


def _check_offer_id(value: object) -> str:
    # In a list the comma would split the id.
    text = check_segment(value, field="offer_ids")
    if "," in text:
        raise InputRejected("comma_in_id", fields=("offer_ids",))
    return text
