"""Endpoints of a local stack: added as an operator would, and `couponbus listen` at them."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from couponbus_sandbox.engine.process import HOST, ROOT, free_port
from couponbus_sandbox.local.local_environment import local_environment
from couponbus_sandbox.local.operating import CommandFailed, couponbus
from couponbus_sandbox.local.stack import LocalStack

STOP_SECONDS = 5.0
NAME = "listener"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalEndpoint:
    """The address of an endpoint on this machine, and its secret."""

    name: str
    port: int
    secret: str
    clock_file: Path

    @property
    def url(self) -> str:
        """Return the URL that the stage sends to."""
        return f"http://{HOST}:{self.port}/"


def add_endpoint(stack: LocalStack, name: str) -> LocalEndpoint:
    """Add an endpoint for everything, on a free port. Raise CommandFailed."""
    port = free_port()
    url = f"http://{HOST}:{port}/"
    added = couponbus(stack, "endpoints", "add", url, "--id", name, "--json")
    if added.returncode:
        raise CommandFailed(f"endpoints add {name}: {added.stdout}{added.stderr}")
    secret = str(json.loads(added.stdout)["secret"])
    return LocalEndpoint(name=name, port=port, secret=secret, clock_file=stack.clock.path)


def listen(
    endpoint: LocalEndpoint, *options: str, output: int | None = None
) -> "subprocess.Popen[str]":
    """Start listening; the command writes to `output`, or to the terminal of the caller."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [
            *(sys.executable, "-m", "couponbus_cli.main", "listen", "--port", str(endpoint.port)),
            *("--clock-file", str(endpoint.clock_file), *options),
        ],
        cwd=ROOT,
        env=local_environment(COUPONBUS_WEBHOOK_SECRET=endpoint.secret),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        text=True,
    )


def end(process: "subprocess.Popen[str]") -> None:
    """Terminate the process; kill it if it does not end in time."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def listener(stack: LocalStack) -> Iterator[LocalEndpoint]:
    """Show on this terminal what the stack sends, until the block ends. Raise CommandFailed."""
    endpoint = add_endpoint(stack, NAME)
    process = listen(endpoint)
    try:
        yield endpoint
    finally:
        end(process)
