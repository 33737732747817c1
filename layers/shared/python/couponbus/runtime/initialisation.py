"""The time before the first event, in which Lambda imports a function; it has more CPU than later.

What is imported stays, so that to look for garbage in it is for nothing: that was an eighth of it.
"""

import gc
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache

# Only Lambda sets it. Not for a snapshot: its copies would share what is random in a service.
TYPE = "AWS_LAMBDA_INITIALIZATION_TYPE"
BEFORE_EACH_ENVIRONMENT = ("on-demand", "provisioned-concurrency")


def begin() -> None:
    """Let imports be, until the service is made; where there is no Lambda, do nothing."""
    if is_lambda():
        gc.disable()


def per_environment[S](make: Callable[[], S]) -> Callable[[], S]:
    """Return `make` with its result kept, and let Lambda call it before the first event.

    An error is not kept: the first invocation makes it again, and fails with what it says. What
    fails before that is a crash, and begins anew with each event.
    """
    made = cache(make)
    if is_lambda():
        with suppress(Exception):
            made()
        gc.freeze()
        gc.enable()
    return made


def is_lambda() -> bool:
    """Whether this is the process of a function, and not of a snapshot."""
    return os.environ.get(TYPE) in BEFORE_EACH_ENVIRONMENT
