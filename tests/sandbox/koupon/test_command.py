"""`python -m couponbus_sandbox koupon`, and `all`, started and stopped as from a shell."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from couponbus_sandbox.__main__ import main
from tests.sandbox.coniq_caller import Caller
from tests.sandbox.koupon_caller import KouponCaller

ROOT = Path(__file__).resolve().parents[3]
EXECUTES = ("python -m couponbus_sandbox koupon", "python -m couponbus_sandbox all")
NAMES = ["coniq", "koupon", "uniqodo"]


@contextmanager
def command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "couponbus_sandbox", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def lines(process: subprocess.Popen[str], *, count: int) -> list[dict[str, str]]:
    assert process.stdout is not None
    return [json.loads(process.stdout.readline()) for _ in range(count)]


def three_free_ports_in_a_row() -> int:
    for first in range(20_000, 60_000, 7):
        try:
            for port in range(first, first + 3):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise AssertionError("no ports are free")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_all_of_them_run_in_one_process_and_stop_together(number: signal.Signals) -> None:
    with command("all") as process:
        ready = lines(process, count=3)
        urls = {each["provider"]: each["url"] for each in ready}
        issued = Caller(urls["coniq"]).issue()
        offers = KouponCaller(urls["koupon"]).get("/v2/ann/offers")
        states = [requests.get(each["control_url"] + "/state", timeout=5) for each in ready]
        process.send_signal(number)
        out, err = process.communicate(timeout=10)

    assert list(urls) == NAMES
    assert (issued.status_code, offers.status_code) == (201, 200)
    assert [state.status_code for state in states] == [200, 200, 200]
    assert (process.returncode, out) == (0, "")
    assert err.splitlines() == [
        *(f"{name} listens on {urls[name]}; Ctrl-C stops it" for name in NAMES),
        "stopped",
    ]


def test_all_of_them_take_ports_in_a_row() -> None:
    port = three_free_ports_in_a_row()

    with command("all", "--port", str(port)) as process:
        ready = lines(process, count=3)

    assert [each["url"] for each in ready] == [
        f"http://127.0.0.1:{port + place}" for place in range(3)
    ]


def test_options_reach_the_simulator() -> None:
    options = (
        *("--access", "two=second:second-test-secret=", "--access", "third:third-test-secret"),
        *("--signature-ttl", "60", "--strict", "--timezone", "UTC", "--closed-world"),
        *("--public-base-url", "https://consumer.example.test"),
    )
    with command("koupon", *options) as process:
        (ready,) = lines(process, count=1)
        caller = KouponCaller(ready["url"])
        settings = caller.control("GET", "settings").json()
        caller.raw("/v2/ann/offers?identifier=second")
        caller.raw("/v2/ann/offers?identifier=third")
        calls = caller.control("GET", "calls").json()

    assert ready["provider"] == "koupon"
    assert settings["signature_ttl_seconds"] == 60
    assert (settings["after_signature"], settings["open_world"]) == ("refuse", False)
    assert (settings["timezone"], settings["public_base_url"]) == (
        "UTC",
        "https://consumer.example.test",
    )
    assert [call["account"] for call in calls] == ["two", "account-2"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--port", "70000"], "cannot listen on 127.0.0.1:70000"),
        (["--access", "identifier-only-not-real"], "IDENTIFIER:SECRET"),
        (["--access", "a:not-real", "--access", "a:not-real"], "same name or the same identifier"),
        (["--access", "a b:not-real"], "identifier"),
        (["--timezone", "Nowhere"], "timezone"),
        (["--signature-ttl", "0"], "signature_ttl_seconds"),
        (["--public-base-url", "consumer"], "public_base_url"),
    ],
)
def test_a_bad_option_is_an_error_that_repeats_no_secret(
    capsys: pytest.CaptureFixture[str], options: list[str], complaint: str
) -> None:
    assert main(["koupon", *options]) == 1

    error = capsys.readouterr().err
    assert complaint in error
    assert "not-real" not in error


def test_all_of_them_need_free_ports(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["all", "--port", str(port)]) == 1

    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
