"""`python -m couponbus_sandbox coniq`, started and stopped as from a shell."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from couponbus_sandbox.__main__ import main
from tests.sandbox.coniq_caller import Caller, any_item

ROOT = Path(__file__).resolve().parents[3]
EXECUTES = ("python -m couponbus_sandbox coniq",)


@contextmanager
def command(*options: str) -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-m", "couponbus_sandbox", "coniq", *options]
    process = subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def first_line(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    ready: dict[str, str] = json.loads(process.stdout.readline())
    return ready


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_stops_cleanly(number: signal.Signals) -> None:
    with command() as process:
        ready = first_line(process)
        issued = Caller(ready["url"]).issue()
        process.send_signal(number)
        out, err = process.communicate(timeout=10)

    assert ready["provider"] == "coniq"
    assert ready["url"].startswith("http://127.0.0.1:")
    assert ready["control_url"] == ready["url"] + "/_sandbox"
    assert issued.status_code == 201
    assert (process.returncode, out) == (0, "")
    assert err.splitlines() == [f"coniq listens on {ready['url']}; Ctrl-C stops it", "stopped"]


def test_its_options_reach_the_simulator() -> None:
    options = (
        *("--seed", "5", "--api-key", "key-one-not-real", "--api-key", "two=key-two-not-real"),
        *("--offer", "77:10", "--offer", "78", "--issuing-form", "myform1:77"),
        *("--closed-world", "--batch-mode", "atomic", "--batch-answer", "data_errors"),
        *("--batch-request-envelope", "barcodes", "--duplicates", "reuse"),
        *("--customer-delay", "1.5", "--barcode-delay", "2.5"),
    )
    with command(*options) as process:
        caller = Caller(first_line(process)["url"], api_key="key-two-not-real")
        settings = caller.control("GET", "settings").json()
        detail = caller.control("GET", "state?detail=1").json()["detail"]
        signed_up = caller.post("/signup/myform1.json", {"fields": {"email": "a@example.com"}})
        state = caller.control("GET", "state").json()

    assert settings["open_world"] is False
    assert (settings["batch_mode"], settings["batch_answer"]) == ("atomic", "data_errors")
    assert (settings["batch_request_envelope"], settings["duplicates"]) == ("barcodes", "reuse")
    assert (settings["customer_delay_seconds"], settings["barcode_delay_seconds"]) == (1.5, 2.5)
    assert list(detail) == ["account-1", "two"]
    offers = {offer["offer_id"]: offer["validity_days"] for offer in detail["two"]["offers"]}
    assert (offers[77], offers[78]) == (10, None)
    assert signed_up.status_code == 201
    assert state["accounts"]["two"] == {"barcodes": 1, "customers": 1}


def test_a_taken_port_is_an_error_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with command() as process:
        port = first_line(process)["url"].rpartition(":")[2]

        assert main(["coniq", "--port", port]) == 1

    captured = capsys.readouterr()
    assert signal.getsignal(signal.SIGINT) is before
    assert captured.out == ""
    assert captured.err.startswith(f"error: cannot listen on 127.0.0.1:{port}: ")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--port", "70000"], "cannot listen on 127.0.0.1:70000"),
        (["--offer", "x"], "x"),
        (["--issuing-form", "short:101"], "form_hash"),
        (["--api-key", "a=key-not-real", "--api-key", "b=key-not-real"], "same key"),
        (["--api-key", 'key"with-quote-not-real'], "api_key"),
        (["--customer-delay", "-1"], "customer_delay_seconds"),
    ],
)
def test_a_bad_option_is_an_error_that_repeats_no_key(
    capsys: pytest.CaptureFixture[str], options: list[str], complaint: str
) -> None:
    assert main(["coniq", *options]) == 1

    error = capsys.readouterr().err
    assert complaint in error
    assert "not-real" not in error


@pytest.mark.parametrize("arguments", [["--help"], ["coniq", "--help"]])
def test_help_lists_the_simulators_and_options(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 0
    assert "coniq" in capsys.readouterr().out


def test_without_a_simulator_it_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([])

    assert stopped.value.code == 2
    assert "PROVIDER" in capsys.readouterr().err


def test_one_process_issues_the_numbers_of_another_with_the_same_seed() -> None:
    item = any_item()

    def number() -> object:
        with command("--seed", "9") as process:
            return (
                Caller(first_line(process)["url"]).post("/barcode", item).json()["barcode_number"]
            )

    assert number() == number()
