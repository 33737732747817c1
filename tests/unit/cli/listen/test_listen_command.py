"""`couponbus listen` needs no stage; Ctrl-C and SIGTERM end it with 0."""

import io
import json
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from couponbus_cli.listen.arrival import Arrival
from couponbus_cli.listen.screen import SHOWN, LiveTable
from couponbus_cli.main import app
from tests.fakes.clock import NOON
from tests.unit.cli.listen.posting import SECRET, free_port, post
from tests.unit.cli.stage import Outcome


def listen(
    *arguments: str, port: int, meanwhile: Callable[[], None], end: int = signal.SIGTERM
) -> Outcome:
    """Run the command, act when it listens, and always end it by a signal."""

    def beside() -> None:
        try:
            for _ in range(200):
                try:
                    meanwhile()
                except ConnectionRefusedError:
                    threading.Event().wait(0.02)
                else:
                    return
        finally:
            os.kill(os.getpid(), end)

    thread = threading.Thread(target=beside)
    before = signal.signal(end, lambda *_: None)  # in case it arrives before the command listens
    thread.start()
    try:
        result = CliRunner().invoke(app, ["listen", "--port", str(port), *arguments])
    finally:
        thread.join()
        signal.signal(end, before)
    return Outcome(code=result.exit_code, out=result.stdout, err=result.stderr)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_line_is_written_for_each_webhook_until_it_is_ended(
    end: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock_file = tmp_path / "clock"
    clock_file.write_text(f"{(NOON - datetime.now(UTC)).total_seconds()}\n")
    port = free_port()
    monkeypatch.setenv("COUPONBUS_WEBHOOK_SECRET", SECRET)

    outcome = listen(
        "--clock-file", str(clock_file), port=port, meanwhile=lambda: _twice(port), end=end
    )

    first, *others = [json.loads(line) for line in outcome.out.splitlines()]
    assert outcome.code == 0
    assert first == {"listening": f"http://127.0.0.1:{port}/"}
    assert [(one["verified"], one["answered"], one["duplicate"]) for one in others] == [
        (True, 204, False),
        (True, 204, True),
    ]
    assert others[0]["type"] == "BarcodeIssued"


def _twice(port: int) -> None:
    post(port)
    post(port)


def test_another_answer_another_path_and_several_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("COUPONBUS_WEBHOOK_SECRET", "whsec_" + "A" * 44 + " " + SECRET)
    answers = []

    outcome = listen(
        *("--answer", "410", "--path", "/hooks", "--json"),
        port=port,
        meanwhile=lambda: answers.append(post(port, "/hooks")["status"]),
    )

    # Signed at noon of another day: the secret is right, the time is not.
    assert answers == ["400"]
    assert json.loads(outcome.out.splitlines()[1])["problem"] in (
        "timestamp_too_old",
        "timestamp_too_new",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--secret", "whsec_short"], 1, "--secret: a signing secret is whsec_ and 24 to 64"),
        (
            ["--clock-file", "couponbus_cli"],
            1,
            "--clock-file: couponbus_cli does not hold a number of seconds",
        ),
        (["--path", "hooks"], 2, "--path: begin it with /"),
        (["--answer", "199"], 2, "--answer"),
        (["--port", "65536"], 2, "--port"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], code: int, said: str) -> None:
    result = CliRunner().invoke(app, ["listen", "--port", "0", *arguments])

    assert (result.exit_code, said in result.stderr) == (code, True)


def test_a_program_gets_a_failure_in_a_line() -> None:
    result = CliRunner().invoke(app, ["listen", "--json", "--secret", "x"])

    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["kind"] == "invalid_input"


def test_a_person_sees_the_last_ones_in_a_table() -> None:
    out = io.StringIO()
    console = Console(file=out, width=140, height=40, force_terminal=True, markup=False)
    table = LiveTable(console)
    with table:
        table.begin("http://127.0.0.1:9000/")
        for number in range(SHOWN + 1):
            table.show(an_arrival(f"msg_{number:030}", times=number + 1))
        table.show(an_arrival("msg_\x1b[31mred", problem="webhook_signature", answered=400))
        table.show(an_arrival("msg_again", times=2, duplicate=True))

    shown = out.getvalue().rpartition("received; Ctrl-C ends it")[2]
    assert "msg_00000000…" in shown
    assert "not signed with this secret" in shown
    assert "2, a duplicate" in shown
    assert "✓" in shown
    assert "\x1b[31mred" not in shown
    assert f"{SHOWN + 3} received" in out.getvalue()


def an_arrival(
    webhook_id: str,
    *,
    times: int = 1,
    duplicate: bool = False,
    problem: str | None = None,
    answered: int = 204,
) -> Arrival:
    return Arrival(
        at=NOON,
        webhook_id=webhook_id,
        detail_type="BarcodeIssued",
        event_id="e-1",
        verified=problem is None,
        problem=problem,
        times=times,
        duplicate=duplicate,
        answered=answered,
        size=100,
    )
