"""The engine's process: loopback only, gone with its workers, explained when it fails."""

import contextlib
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from threading import Timer

import pytest

from couponbus_sandbox.engine import process
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.process import EngineFailed, engine, scratch_folder
from tests.e2e.engine.laboratory import Laboratory, function, role, until

LISTEN = "0A"


def members(group: int) -> set[int]:
    """Return the living processes of a process group."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name_and_rest = stat.read_text().rpartition(")")[2].split()
            if int(name_and_rest[2]) == group and name_and_rest[0] != "Z":
                found.add(int(stat.parent.name))
    return found


def listeners(pids: set[int]) -> set[str]:
    """Return the local addresses, as hexadecimal words, on which the processes listen."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(str(descriptor.readlink()))
    rows = [
        row.split()
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for row in Path(table).read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == LISTEN and f"socket:[{row[9]}]" in inodes}


def start_a_worker(access: Access) -> None:
    laboratory = Laboratory(access)
    stack = laboratory.deploy(
        {
            "Role": role(),
            "Idle": function("def handler(event, context): return 1", its_role="Role"),
        }
    )
    access.functions().invoke(FunctionName=laboratory.physical(stack, "Idle"))


def test_the_engine_listens_on_one_port_of_loopback_only(access: Access) -> None:
    port = int(access.endpoint_url.rpartition(":")[2])
    [loopback] = [int.from_bytes(socket.inet_aton("127.0.0.1"), sys.byteorder)]

    assert listeners(members(access.pid)) == {f"{loopback:08X}:{port:04X}"}


def test_nothing_is_left_of_the_engine_and_its_workers_when_it_stops() -> None:
    with engine() as access:
        start_a_worker(access)
        before = members(access.pid)
        folder = access.log.parent

    assert len(before) >= 2
    # On a busy machine the kernel removes a killed process a moment later.
    until(lambda: not members(access.pid), seconds=5)
    assert not folder.exists()


def test_the_folder_is_removed_although_a_process_that_was_killed_still_writes() -> None:
    script = (
        "import itertools,sys\nfor n in itertools.count(): open(f'{sys.argv[1]}/{n % 500}','w')"
    )
    with scratch_folder() as folder:
        writing = subprocess.Popen(
            [sys.executable, "-c", script, folder], stderr=subprocess.DEVNULL
        )
        until(lambda: any(folder.iterdir()), seconds=20)
        killing = Timer(0.2, writing.kill)
        killing.start()

    killing.join()
    writing.wait()
    assert not folder.exists()


def test_the_engine_ends_with_a_parent_that_is_killed() -> None:
    script = """
        import time
        from couponbus_sandbox.engine.process import engine
        from tests.e2e.engine.test_process import start_a_worker

        with engine() as access:
            start_a_worker(access)
            print(access.pid, flush=True)
            time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=process.ROOT) as parent:
        assert parent.stdout
        group = int(parent.stdout.readline())
        assert len(members(group)) >= 2

        parent.send_signal(signal.SIGKILL)

        until(lambda: not members(group), seconds=5)


def test_an_engine_that_cannot_start_shows_the_end_of_its_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(process, "free_port", lambda: taken.getsockname()[1])

        with pytest.raises(EngineFailed, match="already in use"), engine():
            raise AssertionError("it started")


def test_an_engine_that_is_not_installed_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "PYTHON", tmp_path / "missing")

    with pytest.raises(EngineFailed, match="make setup"), engine():
        raise AssertionError("it started")
