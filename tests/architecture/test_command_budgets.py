"""Budgets of the command's start, in modules: seconds would tell about the machine."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from couponbus_cli.main import COMMANDS
from tests.architecture import tree
from tests.thorough import amount

# Up to the first answer of a stage. Of `--help`, all but a dozen are of typer, rich and Python.
MODULES = {
    "--help": 340,
    "listen --help": 490,
    "page --help": 460,
    "probe --help": 735,
    "why ada": 735,
    "status": 755,
    "programs list": 730,
    "watch list": 770,
    "endpoints list": 745,
    "redrive": 705,
    "doctor": 735,
}
WEB = {"starlette", "uvicorn", "jinja2"}
FOLDERS = {place.module.rpartition(".")[0] for place in COMMANDS.values()}

PROBE = """
import json, sys
sys.path[:0] = json.loads(sys.argv.pop(1))
from couponbus_cli.main import main
try:
    main()
except SystemExit as ended:
    print(json.dumps([ended.code, *sys.modules]), file=sys.stderr)
"""


class Refusing(BaseHTTPRequestHandler):
    """A stage that allows nothing."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, format: str, *values: object) -> None:
        pass


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("stage")
    with refusing_stage(folder):
        yield folder


@contextmanager
def refusing_stage(folder: Path) -> Iterator[None]:
    """Let the command find a local stage in this folder, which refuses every call."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever).start()
        up = {
            "endpoint_url": f"http://127.0.0.1:{server.server_port}",
            "region": "eu-west-1",
            "aws_access_key_id": "test-key-not-real",
            "aws_secret_access_key": "test-secret-not-real",
            "ca_bundle": "",
        }
        (folder / ".couponbus").mkdir()
        (folder / ".couponbus" / "up.json").write_text(json.dumps(up))
        yield
        server.shutdown()


@pytest.mark.thorough
@pytest.mark.parametrize("command", [*MODULES][:: amount(1, few=2)])
def test_a_command_imports_no_more_modules_than_its_budget(command: str, stage: Path) -> None:
    code, modules = started(command, folder=stage)

    assert code == (0 if command.endswith("--help") else 3)
    assert MODULES[command] * 0.8 < len(modules) <= MODULES[command]
    assert packages_of(modules) & {*WEB, "yaml"} == set()


@pytest.mark.parametrize(("command", "code"), [("--help", 0), ("statsu", 2), ("", 2)])
def test_no_command_is_imported_to_list_them_all(command: str, code: int, tmp_path: Path) -> None:
    ended, modules = started(command, folder=tmp_path)

    assert ended == code
    assert modules & FOLDERS == set()
    assert packages_of(modules) & {*WEB, "boto3", "botocore", "requests", "yaml"} == set()


def test_a_command_is_imported_without_the_others(tmp_path: Path) -> None:
    _, modules = started("redrive --help", folder=tmp_path)

    assert {each for each in COMMANDS if COMMANDS[each].module in modules} == {"redrive"}


def started(command: str, *, folder: Path) -> tuple[int, set[str]]:
    """Return the exit code of a command, and the modules that were imported until then."""
    path = [str(tree.ROOT), str(tree.COUPONBUS.parent)]
    run = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(path), *command.split()],
        cwd=folder,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    code, *modules = json.loads(run.stderr.splitlines()[-1])
    return code, set(modules)


def packages_of(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}
