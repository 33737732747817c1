"""The command `up`: one at a time, and a file that says how to reach the stack while it runs."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from couponbus_config.names import Names
from couponbus_sandbox.coniq import ConiqSettings
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.process import ROOT
from couponbus_sandbox.local.callbacks import Callbacks
from couponbus_sandbox.local.moving_clock import MovingClock
from couponbus_sandbox.local.reach import how_to_reach, published
from couponbus_sandbox.local.simulators import simulators
from couponbus_sandbox.local.stack import LocalStack
from couponbus_sandbox.local.up import AlreadyRunning, only_one, what_to_try

HOLD = """
import sys, time
from pathlib import Path
from couponbus_sandbox.local.simulators import simulators
from couponbus_sandbox.local.up import only_one

with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def stack(access: Access, tmp_path: Path) -> Iterator[LocalStack]:
    with simulators(ConiqSettings()) as running:
        yield LocalStack(
            access=access,
            simulators=running,
            clock=MovingClock(tmp_path / "clock"),
            names=Names(stage="local"),
            stacks={},
            bus="any-bus",
            table="any-table",
            queues={"signups": "https://127.0.0.1/any-queue"},
            functions={},
            callbacks=Callbacks(
                url="https://127.0.0.1/any-api", sign_ups_secret="none", hints_secret="any-secret"
            ),
        )


def test_a_second_one_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    refused = pytest.raises(AlreadyRunning, match="already running")

    with only_one(tmp_path), refused, only_one(tmp_path):
        raise AssertionError("two run")


def test_what_a_killed_one_left_behind_does_not_count(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as first:
        assert first.stdout
        assert first.stdout.readline() == "held\n"
        (tmp_path / "up.json").write_text("{}")
        with pytest.raises(AlreadyRunning), only_one(tmp_path):
            raise AssertionError("two run")
        first.kill()

    with only_one(tmp_path):
        assert not (tmp_path / "up.json").exists()


def test_the_file_holds_what_a_client_needs_and_goes_with_the_stack(
    stack: LocalStack, tmp_path: Path
) -> None:
    path = tmp_path / "up.json"

    with published(stack, path):
        content = json.loads(path.read_text())

    assert content == {
        "endpoint_url": stack.access.endpoint_url,
        "region": "eu-west-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "ca_bundle": str(stack.access.ca_bundle),
        "installation": "couponbus",
        "bus": "any-bus",
        "table": "any-table",
        "queues": {"signups": "https://127.0.0.1/any-queue"},
        "sandbox": {
            "coniq": stack.coniq.url,
            "uniqodo": stack.uniqodo.url,
            "koupon": stack.koupon.url,
        },
        "callbacks_url": "https://127.0.0.1/any-api",
        "clock_file": str(stack.clock.path),
    }
    assert not path.exists()


def test_the_first_commands_name_the_running_endpoint(stack: LocalStack) -> None:
    text = what_to_try(stack)

    named = ("endpoint_url", "ca_bundle", "callbacks_url")
    assert all(str(how_to_reach(stack)[key]) in text for key in named)
    assert "'https://127.0.0.1/any-api/callbacks/uniqodo/any-secret'" in text
