"""The guard around the tests guards."""

import importlib.util
import os
import socket
import subprocess
import sys

import pytest

from infra.node import bundled_node
from tests.architecture.tree import ROOT
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
