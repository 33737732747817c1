"""`couponbus page` serves until Ctrl-C, or saves one file; what it cannot do is one sentence."""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from couponbus.domain.webhooks.endpoint import EndpointState
from couponbus_cli.main import app
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.page.seeing import down
from tests.unit.cli.page.serving import Served
from tests.unit.cli.rows import NUMBER, ambiguous, an_issuance
from tests.unit.cli.stage import FakeStage, Outcome
from tests.webhook_factories import any_endpoint

STEP = 10.0  # seconds that a test waits at most for another thread


def ended_by(end: int, *arguments: str, meanwhile: Callable[[str], None]) -> Outcome:
    """Run the command, act when it prints its URL, and end it by a signal."""
    printed: list[str] = []

    def beside(url: str) -> None:
        try:
            meanwhile(url)
        finally:
            os.kill(os.getpid(), end)

    def show(url: str) -> None:
        printed.append(url)
        threading.Thread(target=beside, args=(url,)).start()

    before = signal.signal(end, lambda *_: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webbrowser.open", show)
        result = CliRunner().invoke(app, ["page", "--open", *arguments], obj=FakeStage().open)
    signal.signal(end, before)
    assert printed
    return Outcome(code=result.exit_code, out=result.stdout, err=result.stderr)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_at_the_printed_url_until_it_is_ended(end: int) -> None:
    entered: list[int] = []

    def look(url: str) -> None:
        address, _, key = url.removeprefix("http://127.0.0.1:").partition("/")
        served = Served(port=int(address))
        entered.append(served.ask(f"/{key}", Cookie="").status)
        entered.append(served.ask(Cookie="").status)

    outcome = ended_by(end, "--port", "0", meanwhile=look)

    url, *rest = outcome.out.splitlines()
    assert (outcome.code, outcome.err, entered) == (0, "", [303, 403])
    assert url.startswith("http://127.0.0.1:")
    assert len(url.partition("?key=")[2]) >= 43
    assert rest == ["The key is for you alone. Ctrl-C ends the page."]


def test_each_start_has_another_key() -> None:
    keys: set[str] = set()
    for _ in range(2):
        outcome = ended_by(signal.SIGINT, "--port", "0", meanwhile=lambda url: None)
        keys.add(outcome.out.partition("?key=")[2])

    assert len(keys) == 2


def test_a_port_that_is_taken_is_said_in_a_sentence(taken: int) -> None:
    outcome = FakeStage().run("page", "--port", str(taken))

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err == (
        f"port {taken} is taken by another program: choose another --port, or 0 for a free one\n"
    )


def test_it_is_saved_as_one_file_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "stage.html"

    outcome = FakeStage().run("page", "--save", str(file))

    text = file.read_text(encoding="utf-8")
    assert (outcome.code, outcome.out) == (0, f"Saved: {file}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "<script" not in text
    assert "All is well" in text
    assert "default-src &#39;none&#39;; style-src &#39;sha256-" in text
    assert not [tag for tag in ("<link", "<form", "<img", "src=", "<button") if tag in text]


def test_another_file_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "stage.html"
    file.write_text("mine")
    (tmp_path / "link.html").symlink_to(tmp_path / "nowhere.html")

    for name in ("stage.html", "link.html"):
        outcome = FakeStage().run("page", "--save", str(tmp_path / name))
        assert (outcome.code, "exists already" in outcome.err) == (1, True)
    assert file.read_text() == "mine"
    assert not (tmp_path / "nowhere.html").exists()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    outcome = FakeStage().run("page", "--save", str(tmp_path / "nowhere" / "stage.html"))

    assert outcome.code == 1
    assert "cannot be written: No such file or directory" in outcome.err


def test_nothing_is_saved_of_a_stage_that_is_down(tmp_path: Path) -> None:
    file = tmp_path / "stage.html"

    result = CliRunner().invoke(app, ["page", "--save", str(file)], obj=down)

    assert result.exit_code == 3
    assert "the local stage is not up" in result.stderr
    assert not file.exists()


def test_neither_e_mail_nor_the_secret_part_of_an_address_is_saved(tmp_path: Path) -> None:
    file = tmp_path / "stage.html"
    endpoint = replace(
        any_endpoint(),
        endpoint_id="ada@example.com",
        url="https://hooks.example/in?token=canary",
        state=EndpointState.DISABLED,
    )
    stage = FakeStage(MemoryLedger(endpoint, ambiguous(an_issuance())))

    outcome = stage.run("page", "--save", str(file))

    text = file.read_text(encoding="utf-8")
    assert (outcome.code, "2 things need you" in text) == (0, True)
    assert "(e-mail hidden)" in text
    assert not [each for each in ("ada@example.com", "canary", NUMBER) if each in text]


def test_no_other_command_waits_for_a_web_server_to_be_imported() -> None:
    code = (
        "import sys, couponbus_cli.main; print({'starlette', 'uvicorn', 'jinja2'} & {*sys.modules})"
    )

    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert run.stdout == "set()\n"
