"""Lambda's context of an invocation, and the deadline that the use cases get from it."""

import os
from datetime import datetime, timedelta
from typing import Protocol

from couponbus.runtime.clock import clock_in


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    @property
    def aws_request_id(self) -> str:
        """Return the id of the invocation."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """Return how long it may still run."""
        ...


def deadline_of(context: Context) -> datetime:
    """Return when this invocation is killed; nothing may be under way at the provider then.

    It is a time of the service's own clock. Raises ConfigurationInvalid.
    """
    return clock_in(os.environ).now() + timedelta(
        milliseconds=context.get_remaining_time_in_millis()
    )
