"""The command `make up`: the whole product, left running until it is interrupted."""

import contextlib
import fcntl
import json
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from sandbox.engine.access import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from sandbox.engine.process import ROOT, EngineFailed
from sandbox.engine.stacks import StackFailed
from sandbox.local_stack import LocalStack, local_stack
from sandbox.synthesis import SynthesisFailed

FOLDER = ROOT / ".couponbus"
INTERRUPTED = 130


class AlreadyRunning(Exception):
    """Another process of this checkout holds the local stack."""


def main() -> int:
    """Run until SIGINT or SIGTERM and return the exit code: 0 when it was stopped, else 1."""
    stop = _stop_signal()
    try:
        with only_one(FOLDER):
            _run(stop)
    except (AlreadyRunning, EngineFailed, StackFailed, SynthesisFailed) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def _run(stop: threading.Event) -> None:
    _say("starting the simulator and the engine, deploying the stacks ...")
    with local_stack() as stack, published(stack, FOLDER / "up.json"):
        _say(what_to_try(stack))
        stop.wait()
        _say("stopping ...")


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raise AlreadyRunning when another living process holds it.

    The lock goes with its process, so what a killed one left behind does not count.
    """
    folder.mkdir(exist_ok=True)
    with (folder / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"the local stack is already running, see {folder / 'up.json'}"
            ) from None
        (folder / "up.json").unlink(missing_ok=True)
        yield


@contextlib.contextmanager
def published(stack: LocalStack, path: Path) -> Iterator[None]:
    """Keep a file that tells any AWS client how to reach the stack, for as long as it runs."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(how_to_reach(stack), indent=2) + "\n")
    fresh.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def how_to_reach(stack: LocalStack) -> dict[str, object]:
    """Return what a client needs to know, ready for JSON."""
    return {
        "endpoint_url": stack.access.endpoint_url,
        "region": stack.access.region,
        "aws_access_key_id": ACCESS_KEY_ID,
        "aws_secret_access_key": SECRET_ACCESS_KEY,
        "ca_bundle": str(stack.access.ca_bundle),
        "bus": stack.bus,
        "table": stack.table,
        "queues": dict(stack.queues),
        "sandbox": dict(stack.sandbox),
    }


def what_to_try(stack: LocalStack) -> str:
    """Return the first commands for a newcomer."""
    return f"""
couponbus is up: bus {stack.bus}, table {stack.table}, Coniq simulator {stack.coniq.url}

In another shell:

  export AWS_ENDPOINT_URL={stack.access.endpoint_url} AWS_REGION={stack.access.region}
  export AWS_ACCESS_KEY_ID={ACCESS_KEY_ID} AWS_SECRET_ACCESS_KEY={SECRET_ACCESS_KEY}
  export AWS_CA_BUNDLE={stack.access.ca_bundle}

  couponbus programs apply programs.sample.yaml
  aws events put-events --entries file://events/samples/put-events.json
  couponbus status
  curl {stack.coniq.url}/_sandbox/state

All of it is also in .couponbus/up.json. Ctrl-C stops it.
"""


def _stop_signal() -> threading.Event:
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return stop


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
