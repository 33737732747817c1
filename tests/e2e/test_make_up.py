"""The command `make up`, as a newcomer uses it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest
import requests

from couponbus_sandbox.engine.process import ROOT, free_port
from couponbus_sandbox.uniqodo import THREE_USES
from tests.e2e.engine.laboratory import until
from tests.e2e.processes import started
from tests.hostile_shell import FATAL_TO_PYTHON, OUR_COMMAND, SHELL, shadowed

# The commands of README.md: the first is run through boto3 where there is no AWS CLI.
EXECUTES = (
    "aws events put-events --entries file://events/samples/put-events.CustomerSignedUp.json",
    "couponbus status --stage local",
    "couponbus why signup-0001 --stage local",
    "couponbus programs apply couponbus_cli/samples/programs.yaml --stage local",
    "couponbus listen --port",
    "couponbus endpoints add http://127.0.0.1:",
    "couponbus endpoints test shop --stage local",
    "couponbus deliveries list --stage local",
    "couponbus deliveries retry --endpoint shop --since 24h --dry-run --stage local",
)
PROGRAMS = ROOT / "couponbus_cli" / "samples" / "programs.yaml"
SAMPLE = ROOT / "events" / "samples" / "put-events.CustomerSignedUp.json"
KEYS = {
    "endpoint_url",
    "region",
    "aws_access_key_id",
    "aws_secret_access_key",
    "ca_bundle",
    "installation",
    "bus",
    "table",
    "queues",
    "sandbox",
    "callbacks_url",
    "clock_file",
}
QUEUES = {
    "signups",
    "signups-dead",
    "polls",
    "polls-dead",
    "notifications",
    "notifications-dead",
    "deliveries",
    "deliveries-dead",
    "redeliveries",
    "redeliveries-dead",
    "quarantine",
    "unidentified",
    "undelivered",
    "unpublished",
}
# Read again by each of the many commands. Without a value it is as if it were not set.
COMPILED_ONCE = {"PYTHONDONTWRITEBYTECODE": ""}
CUSTOMERS = ROOT / "couponbus_sandbox" / "samples" / "customers.csv"


@pytest.mark.timeout(300)
def test_what_make_up_says_to_try_works_in_a_shell_where_all_is_set_wrongly(
    tmp_path: Path,
) -> None:
    folder = tmp_path / ".couponbus"
    shadow = shadowed(tmp_path / "shadow")
    shell = {**SHELL, **OUR_COMMAND, **FATAL_TO_PYTHON, **shadow, **measured()}
    command = ("sh", "-c", f'exec {line_of_make_up(shell)} --folder "$0"', str(folder))
    with started(command, folder=tmp_path, shell=shell, umask=0o077) as up:
        up.until_it_says("Ctrl-C stops it")
        reach = json.loads((folder / "up.json").read_text())
        put_the_sample(reach)
        until(lambda: barcodes_at(reach["sandbox"]["coniq"]) == 1)
        why = couponbus("why", "signup-0001", "--stage", "local", place=tmp_path)
        status = couponbus("status", "--stage", "local", place=tmp_path)
        apply = ("programs", "apply", str(PROGRAMS), "--stage", "local")
        applied = couponbus(*apply, place=tmp_path)
        story = redeemed_and_found(reach, place=tmp_path)
        received = received_by_webhook(place=tmp_path)
        code = up.end(signal.SIGTERM)

        assert reach.keys() == KEYS
        assert reach["queues"].keys() == QUEUES
        assert (why.returncode, status.returncode) == (0, 0)
        assert "barcode" in why.stdout
        assert "changed 0 programs" in applied.stdout
        assert ": RECORDED;" in story
        assert [line["type"] for line in received] == ["EndpointTest"]
        assert '"type": "BarcodeIssued", "event_id"' in up.output  # by its own listener
        assert code == 0
        assert up.left_behind() == (set(), [])
    assert not (folder / "up.json").exists()


def line_of_make_up(shell: Mapping[str, str]) -> str:
    """Return what `make up` runs when all is installed."""
    asked = subprocess.run(
        ["make", "-n", "up"], cwd=ROOT, env=shell, capture_output=True, text=True, check=True
    )
    return asked.stdout.splitlines()[-1]


def measured() -> dict[str, str]:
    """Return the PATH, and the variables by which a process of a test is measured."""
    return {
        name: value
        for name, value in os.environ.items()
        if name == "PATH" or name.startswith("COVERAGE_")
    }


def redeemed_and_found(reach: dict[str, dict[str, str]], *, place: Path) -> str:
    """Have a customer watched who then redeems, and return the final report about her."""
    uniqodo = reach["sandbox"]["uniqodo"]
    add = couponbus("watch", "add", str(CUSTOMERS), "--program", "watched", place=place)
    assert add.returncode == 0, add.stdout + add.stderr
    until(lambda: "ACTIVE" in couponbus("watch", "list", place=place).stdout)
    redeem = {"promotion_id": THREE_USES, "user_id": "ada@customer.example"}
    assert (
        requests.post(f"{uniqodo}/_sandbox/redemptions", json=redeem, timeout=5).status_code < 300
    )
    couponbus("watch", "poll", "customer-0001", place=place)

    def received() -> str:
        story = couponbus("why", "customer-0001", place=place).stdout
        return story if ": RECORDED;" in story else ""

    return until(received)


def received_by_webhook(*, place: Path) -> list[dict[str, object]]:
    """Add an endpoint, test it, and return what its receiver printed."""
    port = free_port()
    receiver = subprocess.Popen(
        [sys.executable, "-m", "couponbus_cli.main", "listen", "--port", str(port)],
        cwd=ROOT,
        env={**SHELL, **measured()},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert receiver.stdout is not None
        assert "listening" in receiver.stdout.readline()
        url, events = f"http://127.0.0.1:{port}/", ("--events", "BarcodeIssued")
        shop = ("--endpoint", "shop", "--since", "24h")
        for command in (
            ("endpoints", "add", url, "--id", "shop", *events),
            ("endpoints", "test", "shop"),
            ("deliveries", "list"),
            ("deliveries", "retry", *shop, "--dry-run"),
        ):
            done = couponbus(*command, "--stage", "local", place=place)
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        receiver.terminate()
    said, _ = receiver.communicate(timeout=10)
    return [json.loads(line) for line in said.splitlines()]


def put_the_sample(reach: dict[str, str]) -> None:
    """Do what `aws events put-events --entries file://...` does."""
    client = boto3.client(
        "events",
        endpoint_url=reach["endpoint_url"],
        region_name=reach["region"],
        aws_access_key_id=reach["aws_access_key_id"],
        aws_secret_access_key=reach["aws_secret_access_key"],
        verify=reach["ca_bundle"],
    )
    answer = client.put_events(Entries=json.loads(SAMPLE.read_text()))
    assert answer["FailedEntryCount"] == 0
    if aws_works():
        command = ["aws", "events", "put-events", "--entries", f"file://{SAMPLE}"]
        subprocess.run(command, env=os.environ | variables(reach), timeout=30, check=True)


def aws_works() -> bool:
    """Return whether the AWS CLI works here; an `aws` on the PATH may be an empty stand-in."""
    if shutil.which("aws") is None:
        return False
    asked = subprocess.run(["aws", "--version"], capture_output=True, timeout=30, check=False)
    return asked.returncode == 0


def variables(reach: dict[str, str]) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": reach["endpoint_url"],
        "AWS_REGION": reach["region"],
        "AWS_DEFAULT_REGION": reach["region"],
        "AWS_ACCESS_KEY_ID": reach["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": reach["aws_secret_access_key"],
        "AWS_CA_BUNDLE": reach["ca_bundle"],
    }


def barcodes_at(url: str) -> int:
    return int(requests.get(f"{url}/_sandbox/state", timeout=5).json()["barcodes"])


def couponbus(*arguments: str, place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "couponbus_cli.main", *arguments],
        cwd=place,
        env={**SHELL, **measured(), **COMPILED_ONCE},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
