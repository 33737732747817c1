"""The files that a warm sign-up enters, from the message to `PutEvents`, as JSON on one line.

Run by itself: `python -m tests.architecture.recorded_path`.
"""

import json
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from couponbus.aws.ledger.codec import encode
from couponbus.providers.http.transport import Transport
from tests import factories
from tests.architecture import tree
from tests.benchmarks import load, ours
from tests.benchmarks.outside import outside
from tests.benchmarks.quiet import into_nowhere
from tests.benchmarks.surroundings import AWS

POST = Transport.post.__code__


class Recorder:
    """Records the product's files in the order of their first function call."""

    def __init__(self) -> None:
        self.files: dict[str, None] = {}
        self.functions_at_the_post = 0

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if event != "call":
            return
        name = product_file(frame)
        if name is None:
            return
        self.files.setdefault(name)
        if frame.f_code is POST:
            self.functions_at_the_post = sum(map(bool, map(product_file, callers(frame))))


def callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def product_file(frame: FrameType) -> str | None:
    """Return the path as the docs write it, or None for a file outside the product."""
    path = frame.f_code.co_filename
    for root, folder in ((tree.COUPONBUS.parent, "couponbus"), (tree.ROOT, "functions")):
        if path.startswith(f"{root / folder}{os.sep}"):
            return os.path.relpath(path, root)
    return None


@contextmanager
def recording() -> Iterator[Recorder]:
    recorder = Recorder()
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    try:
        yield recorder
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def recorded(work: Callable[[], None]) -> Recorder:
    with recording() as recorder:
        work()
    return recorder


def main() -> None:
    """Process two sign-ups and record the second one."""
    warnings.filterwarnings("ignore", message="No application metrics to publish")
    stream = ours.stream_of([(None, encode(factories.any_issued()))])
    with outside(programs=ours.programs_answer()) as url:
        os.environ.update(AWS, AWS_ENDPOINT_URL=url, **ours.environment(provider_url=url))
        with into_nowhere():
            ours.issue({"Records": [load.record(1)]})
            ours.publish(stream)
            issuing = recorded(lambda: ours.issue({"Records": [load.record(2)]}))
            publishing = recorded(lambda: ours.publish(stream))
    found = {
        "issuing": list(issuing.files),
        "publishing": list(publishing.files),
        "functions_at_the_post": issuing.functions_at_the_post,
    }
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
