"""The file with the addresses of a local stack, for AWS clients and the command `couponbus`."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from couponbus_sandbox.engine.access import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from couponbus_sandbox.local.stack import LocalStack

FOLDER = ".couponbus"
FILE = "up.json"


@contextlib.contextmanager
def published(stack: LocalStack, path: Path) -> Iterator[None]:
    """Keep the file for as long as the block runs."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(how_to_reach(stack), indent=2) + "\n")
    fresh.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def how_to_reach(stack: LocalStack) -> dict[str, object]:
    """Return the addresses and settings that a client needs, ready for JSON."""
    return {
        "endpoint_url": stack.access.endpoint_url,
        "region": stack.access.region,
        "aws_access_key_id": ACCESS_KEY_ID,
        "aws_secret_access_key": SECRET_ACCESS_KEY,
        "ca_bundle": str(stack.access.ca_bundle),
        "installation": stack.names.installation,
        "bus": stack.bus,
        "table": stack.table,
        "queues": dict(stack.queues),
        "clock_file": str(stack.clock.path),
        "sandbox": dict(stack.sandbox),
        "callbacks_url": stack.callbacks.url,
    }
