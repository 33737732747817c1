"""Why a message comes again: the class of an error and a code, never a text."""

import re
from collections.abc import Iterable, Mapping
from typing import NewType

from couponbus.domain.errors import Unavailable

# Only the functions here make one, so that neither a failure without a cause nor a text passes.
Cause = NewType("Cause", str)

type Failures = dict[str, Cause]  # by the id of the message

_NOT_OF_A_CODE = re.compile(r"[^A-Za-z0-9_.:]")
_LONGEST = 80


def cause_of(error: Exception) -> Cause:
    """Return the class of an error; with its code, if one of our own parts did not answer."""
    name = type(error).__name__
    if not isinstance(error, Unavailable) or not error.code:
        return Cause(name)
    return Cause(f"{name}:{_NOT_OF_A_CODE.sub('', error.code)[:_LONGEST]}")


def all_for(cause: Cause, message_ids: Iterable[str]) -> Failures:
    """Return that these messages come again for the same reason."""
    return dict.fromkeys(message_ids, cause)


def first_of(*failures: Mapping[str, Cause]) -> Failures:
    """Return all of them; a message that failed for several reasons has the first."""
    found: Failures = {}
    for each in failures:
        found |= {
            message_id: cause for message_id, cause in each.items() if message_id not in found
        }
    return found


UNSTORABLE = Cause("RowsBroken")
UNREADABLE_PROGRAM = Cause("RowsBroken:program")
CHANGED_MEANWHILE = Cause("TransitionRefused:changed_meanwhile")
EARLIER_FIRST = Cause("TransitionRefused:earlier_sign_up_first")
NO_TIME_LEFT = Cause("Unavailable:no_time_left")
NOT_WOKEN = Cause("LedgerUnavailable:parked_deliveries")
NOT_TAKEN = Cause("BusUnavailable:refused")
