"""The tests cannot reach the network, an account or the caller's settings."""

import importlib.util
import os
import socket
import subprocess
import sys

import pytest

from infra.node import bundled_node
from tests.architecture.tree import ROOT
from tests.hostile_shell import (
    AWS,
    CERTIFICATES,
    FATAL_TO_PYTHON,
    OUR_COMMAND,
    PROXIES,
    SHELL,
)
from tests.loopback import OutsideWorld


def test_a_test_cannot_reach_the_network() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe,
        pytest.raises(OutsideWorld, match=r"127\.0\.0\.1 only"),
    ):
        probe.connect(("192.0.2.1", 80))


def test_a_test_cannot_look_a_name_up() -> None:
    with pytest.raises(OutsideWorld):
        socket.getaddrinfo("provider.example", 443)


def test_a_test_cannot_listen_to_the_network() -> None:
    with socket.socket() as listener, pytest.raises(OutsideWorld):
        listener.bind(("0.0.0.0", 0))


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_no_account_leaks_into_a_test() -> None:
    left = {name for name in os.environ if name.startswith("AWS_")}

    assert left == {"AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}


def test_no_proxy_certificate_or_setting_leaks_into_a_test() -> None:
    theirs = {*SHELL, *OUR_COMMAND, *FATAL_TO_PYTHON}
    decided = {"HOME", "LANG", "PYTHONUTF8", "JSII_NODE", "NO_PROXY", "no_proxy"}
    decided |= {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}

    assert (theirs - decided) & os.environ.keys() == set()


@pytest.mark.parametrize(
    ("begin", "shell"),
    [
        # As the Makefile runs it, and as a developer runs pytest directly.
        (
            ("-I", "-m", "couponbus_sandbox.local.local_environment", sys.executable),
            SHELL | FATAL_TO_PYTHON,
        ),
        ((), PROXIES | CERTIFICATES | AWS | OUR_COMMAND),
    ],
)
def test_the_tests_themselves_run_in_a_shell_where_all_is_set_wrongly(
    begin: tuple[str, ...], shell: dict[str, str]
) -> None:
    leaks = ("-k", "leaks", "-p", "no:cacheprovider", "--no-cov")

    run = subprocess.run(
        [sys.executable, *begin, "-m", "pytest", "-q", "-n0", *leaks, __file__],
        cwd=ROOT,
        env={**shell, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout


def test_the_cdk_runs_on_the_bundled_node_where_the_machine_has_none() -> None:
    program = "import infra.node, aws_cdk; print(aws_cdk.App().node.path == '')"

    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": "/nowhere", "TMPDIR": os.environ.get("TMPDIR", "/tmp")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (run.stdout.strip(), run.returncode) == ("True", 0), run.stderr


def test_without_the_bundled_node_the_word_to_type_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(RuntimeError, match="run `make setup`"):
        bundled_node()
