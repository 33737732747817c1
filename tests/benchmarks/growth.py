"""Many sign-ups through the handler in one process: does CPU or memory for each of them grow?

`python -m tests.benchmarks.growth` runs 200,000. Coniq is a process of its own. Memory is counted
in blocks that the interpreter has allocated after a collection, and as what the system says.
"""

import argparse
import gc
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from tests.benchmarks import ours
from tests.benchmarks.load import BATCH, batch
from tests.benchmarks.outside import Exchange, outside
from tests.benchmarks.quiet import into_nowhere
from tests.benchmarks.surroundings import AWS

SIGN_UPS, WINDOWS = 200_000, 10
MICRO = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`sign_ups` so far; microseconds of CPU for each in the window; what is held at its end.

    `objects` are those that may refer to others; `blocks` are all of the interpreter's, also the
    strings of which pydantic keeps up to 16,384.
    """

    sign_ups: int
    cpu: float
    objects: int
    blocks: int
    megabytes: float


class Aws:
    """Answers in this process, so that a long run ends."""

    def __init__(self) -> None:
        self._exchange = Exchange(programs=ours.programs_answer(), paces={})

    def watch(self) -> None:
        """Answer all clients that are made from now on."""
        botocore.handlers.BUILTIN_HANDLERS.append(("before-send", self._answer))

    def _answer(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        assert isinstance(request.body, bytes)
        operation = event_name.rpartition(".")[2]
        body = self._exchange._answered(f".{operation}".encode(), request.body)
        return AWSResponse(request.url, 200, HTTPHeaders(), _Raw(body))


@dataclass(frozen=True, slots=True)
class _Raw:
    body: bytes

    def stream(self) -> list[bytes]:
        """Return the whole body."""
        return [self.body]


def measured(sign_ups: int, *, windows: int) -> Iterator[Window]:
    """Handle the sign-ups; the first window comes after two batches that load what is kept."""
    first = 0
    for _ in range(2):
        first = _handle(first)
    for window in range(1, windows + 1):
        began, start = time.process_time(), first
        while first - 2 * BATCH < sign_ups * window // windows:
            first = _handle(first)
        spent = time.process_time() - began
        gc.collect()
        yield Window(
            sign_ups=first - 2 * BATCH,
            cpu=spent / (first - start) * MICRO,
            objects=len(gc.get_objects()),
            blocks=sys.getallocatedblocks(),
            megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )


def _handle(first: int) -> int:
    ours.issue(batch(first=first))
    return first + BATCH


def main() -> None:
    """Print a line for each window."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth", description=__doc__)
    parser.add_argument("--sign-ups", type=int, default=SIGN_UPS)
    parser.add_argument("--windows", type=int, default=WINDOWS)
    chosen = parser.parse_args()
    Aws().watch()
    with outside(programs=ours.programs_answer()) as url:
        os.environ.update(AWS, AWS_ENDPOINT_URL=url, PROVIDER_URL=url)
        os.environ.update(ours.environment(provider_url=url))
        with into_nowhere():
            found = list(measured(chosen.sign_ups, windows=chosen.windows))
    sys.stdout.write("sign-ups | us of CPU each | objects | blocks | MB at most\n")
    for one in found:
        line = (
            f"{one.sign_ups} | {one.cpu:.0f} | {one.objects} | {one.blocks} | {one.megabytes:.1f}"
        )
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
