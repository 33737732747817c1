"""A deployed stage and its laboratory, as facts ask them, on AWS or on the local engine."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import boto3

from couponbus_config.names import Names
from couponbus_sandbox.engine.access import Access, Where
from tests.aws_smoke.laboratory import Laboratory
from tests.aws_smoke.stacks import Stacks


@dataclass(frozen=True, kw_only=True)
class Account(Access):
    """An account at AWS, by the caller's own credentials, in the place of an engine."""

    @cached_property
    def session(self) -> boto3.Session:
        """The caller's session."""
        return boto3.Session(region_name=self.region)

    @property
    def where(self) -> Where:
        """Nothing: credentials and endpoints are those of the session."""
        return cast("Where", {})


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """`patience` is how many times longer than on an idle engine something may take.

    Once `over` is set, all waiting ends.
    """

    access: Access
    names: Names
    api_url: str
    laboratory: Laboratory
    stacks: Stacks
    patience: float
    over: threading.Event

    def until[T](self, poll: Callable[[], T], *, seconds: float, pause: float = 0.5) -> T:
        """Return the first true value, or the last one when the time is over."""
        deadline = time.monotonic() + seconds * self.patience
        while not (found := poll()) and time.monotonic() < deadline:
            if self.over.wait(pause):
                break
        return found
