"""The command `make up`: the whole product, left running until it is interrupted."""

import argparse
import contextlib
import fcntl
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from couponbus_config.configuration_error import ConfigurationError
from couponbus_sandbox.engine.access import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from couponbus_sandbox.engine.process import ROOT, EngineFailed
from couponbus_sandbox.engine.stacks import StackFailed
from couponbus_sandbox.local.listening import listener
from couponbus_sandbox.local.local_environment import entered
from couponbus_sandbox.local.operating import CommandFailed, apply_programs
from couponbus_sandbox.local.reach import FILE, FOLDER, published
from couponbus_sandbox.local.stack import ALARMED, QUICK, LocalStack, local_stack
from couponbus_sandbox.local.stage_file import SHIPPED, described
from couponbus_sandbox.local.stopping import stoppable
from couponbus_sandbox.local.synthesis import SynthesisFailed
from couponbus_sandbox.uniqodo import THREE_USES

FAILURES = (CommandFailed, ConfigurationError, EngineFailed, StackFailed, SynthesisFailed)
SAMPLE = "events/samples/put-events.CustomerSignedUp.json"
SIGN_UP = "signup-0001"
WATCHED = "couponbus_sandbox/samples/watched.yaml"
CUSTOMERS = "couponbus_sandbox/samples/customers.csv"
CUSTOMER = "customer-0001"
HINT = f"-d promotionId={THREE_USES} -d userId=ada@customer.example"
REDEMPTION = json.dumps({"promotion_id": THREE_USES, "user_id": "ada@customer.example"})


class AlreadyRunning(Exception):
    """Another process of this checkout holds the local stack."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM and return the exit code: 0 when it was stopped, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m couponbus_sandbox.local.up", description=__doc__
    )
    parser.add_argument(
        "--folder", type=Path, default=ROOT / FOLDER, help=f"where {FILE} goes (%(default)s)"
    )
    parser.add_argument(
        "--config", type=Path, help="whose stage `local` it is (couponbus.yaml, or the shipped one)"
    )
    given = parser.parse_args(arguments)
    folder: Path = given.folder
    try:
        with stoppable(), only_one(folder):
            _run(folder, given.config)
    except KeyboardInterrupt:
        _say("stopped")
    except (AlreadyRunning, *FAILURES) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def _run(folder: Path, config: Path | None) -> None:
    _say("starting the simulators and the engine, deploying the stacks ...")
    source = described(config)
    with local_stack(settings={**QUICK, **ALARMED}, config=source) as stack:
        if source == SHIPPED:
            # They name the accounts of this stage.
            apply_programs(stack)
            apply_programs(stack, ROOT / WATCHED)
        with published(stack, folder / FILE), listener(stack):
            _say(what_to_try(stack) if source == SHIPPED else what_is_up(stack, source))
            threading.Event().wait()


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
                f"the local stack is already running, see {folder / FILE}"
            ) from None
        (folder / FILE).unlink(missing_ok=True)
        yield


def addresses(stack: LocalStack) -> str:
    """Return where everything is, and the settings for a shell."""
    region = stack.access.region
    return f"""
couponbus is up: bus {stack.bus}, table {stack.table}
simulators: Coniq {stack.coniq.url}, Uniqodo {stack.uniqodo.url}, Koupon {stack.koupon.url}

In another shell, in this folder:

  export AWS_ENDPOINT_URL={stack.access.endpoint_url} AWS_CA_BUNDLE={stack.access.ca_bundle}
  export AWS_REGION={region} AWS_DEFAULT_REGION={region}
  export AWS_ACCESS_KEY_ID={ACCESS_KEY_ID} AWS_SECRET_ACCESS_KEY={SECRET_ACCESS_KEY}
"""


def what_is_up(stack: LocalStack, source: Path) -> str:
    """Return what to do with a stage of the caller's own: it has no program yet."""
    return f"""{addresses(stack)}
The accounts are those of the stage local in {source}, at the simulators. There are no programs
yet; `couponbus_cli/samples/programs.yaml` explains each field:

  .venv/bin/couponbus programs apply FILE
  .venv/bin/couponbus status

How to reach all of it is also in {FOLDER}/{FILE}.
Ctrl-C stops it.
"""


def what_to_try(stack: LocalStack) -> str:
    """Return the first commands for a newcomer."""
    return f"""{addresses(stack)}
  aws events put-events --entries file://{SAMPLE}
  .venv/bin/couponbus status
  .venv/bin/couponbus why {SIGN_UP}

The resulting webhooks appear here, with their signatures checked: this command listens as the
endpoint `listener`. What was sent, and to which endpoint:

  .venv/bin/couponbus endpoints list
  .venv/bin/couponbus deliveries list

Watch a customer, let her redeem, and poll her at once:

  .venv/bin/couponbus watch add {CUSTOMERS} --program watched
  .venv/bin/couponbus watch list
  curl -s {stack.uniqodo.url}/_sandbox/redemptions -d '{REDEMPTION}'
  .venv/bin/couponbus watch poll {CUSTOMER}
  .venv/bin/couponbus why {CUSTOMER}

Or send the callback that Uniqodo would send; all it does is to have her polled now:

  curl -s --cacert {stack.access.ca_bundle} {HINT} \\
    '{stack.callbacks.hints_url}'

Signed sign-ups go to '{stack.callbacks.sign_ups_url}',
as functions/README.md shows.

The programs are those of couponbus_cli/samples/programs.yaml and {WATCHED}.
How to reach all of it is also in {FOLDER}/{FILE}.
Ctrl-C stops it.
"""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(entered(main))
