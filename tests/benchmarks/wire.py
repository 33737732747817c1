"""The requests to AWS, seen from inside botocore; counts only while that is switched on."""

from collections import Counter

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest

from tests.benchmarks.units import Units


class Wire:
    """Calls by operation, and the units that DynamoDB bills for them."""

    def __init__(self) -> None:
        self.counting = False
        self.calls: Counter[str] = Counter()
        self.units = Units()

    def watch(self) -> None:
        """Observe the requests of all clients that are made from now on."""
        # The list in which botocore keeps its own hooks: the clients of a library get it too.
        botocore.handlers.BUILTIN_HANDLERS.append(("before-send", self._see))

    def forget(self) -> None:
        """Reset the counts; the items stay."""
        self.calls.clear()
        self.units.forget()

    def _see(self, event_name: str, request: AWSPreparedRequest, **_: object) -> None:
        if not self.counting:
            return
        operation = event_name.rpartition(".")[2]
        self.calls[operation] += 1
        self.units.note(operation, request.body if isinstance(request.body, bytes) else b"")
