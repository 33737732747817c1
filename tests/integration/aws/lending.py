"""Clients that tests use one after the other: making them takes longer than most of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import botocore.handlers
from botocore.awsrequest import AWSResponse

from couponbus.aws.clients import Clients

BROKEN = 500


@dataclass(slots=True)
class Lender:
    """Lends clients that had no failed call: after one a client retries less in the next test.

    botocore takes each retry from a quota of the client, and gives little of it back.
    """

    free: list[Clients] = field(default_factory=list)
    sufferings: int = 0

    @contextmanager
    def lent(self) -> Iterator[Clients]:
        clients = self.free.pop() if self.free else Clients()
        before = self.sufferings
        yield clients
        if self.sufferings == before:
            self.free.append(clients)

    def notice(
        self,
        *,
        response: tuple[AWSResponse, object] | None,
        attempts: int,
        caught_exception: Exception | None,
        **_: object,
    ) -> None:
        """Count a try that failed, or that came after one; botocore reports each."""
        is_failed = response is None or response[0].status_code >= BROKEN
        if is_failed or attempts > 1 or caught_exception is not None:
            self.sufferings += 1


LENDER = Lender()


def notice_sufferings() -> None:
    """Report the tries of all clients that are made from now on to the lender."""
    botocore.handlers.BUILTIN_HANDLERS.append(("needs-retry", LENDER.notice))
