"""The options of `python -m couponbus_sandbox uniqodo` reach the simulator."""

from argparse import ArgumentParser

import pytest

from couponbus_sandbox.__main__ import main
from couponbus_sandbox.simulator.server import serve
from couponbus_sandbox.uniqodo.command import SUMMARY, add_options, build
from tests.sandbox.uniqodo_caller import UniqodoCaller

NEW = "fe" * 16


def parser() -> ArgumentParser:
    made = ArgumentParser()
    add_options(made)
    return made


def test_its_options_reach_the_simulator() -> None:
    options = parser().parse_args(
        [
            *("--seed", "5", "--api-key", "key-one-not-real", "--api-key", "two=key-two-not-real"),
            *("--promotion", f"{NEW}:77:2", "--promotion", f"{'0' * 32}:78"),
            *("--body", "totals", "--result-on-success", "absent", "--auth-status", "404"),
            *("--callback-url", "http://127.0.0.1:9/hook", "--callback-method", "GET"),
        ]
    )
    with serve(build(options)) as server:
        caller = UniqodoCaller(server.url, key="key-two-not-real")
        settings = caller.control("GET", "settings").json()
        detail = caller.control("GET", "state?detail=1").json()["detail"]
        issued = caller.code(77, uid="u")
        refused = UniqodoCaller(server.url).query("u", promotion=NEW)

    assert (settings["body"], settings["result_on_success"]) == ("totals", "absent")
    assert (settings["callback_url"], settings["callback_method"]) == (
        "http://127.0.0.1:9/hook",
        "GET",
    )
    uses = {each["offer_id"]: each["redemption_per_code"] for each in detail["promotions"]}
    assert (uses[77], uses[78], uses[4884]) == (2, 1, 3)
    assert issued["result"] == "success"
    assert refused.status_code == 404
    assert "accounts" not in settings


def test_without_options_it_is_as_the_page_says() -> None:
    with serve(build(parser().parse_args([]))) as server:
        assert UniqodoCaller(server.url).query("ABC123").status_code == 200
    assert SUMMARY.startswith("Uniqodo")


@pytest.mark.parametrize(
    "options",
    [
        ["--promotion", "x:1"],
        ["--promotion", NEW],
        ["--promotion", f"{NEW}:x"],
        ["--api-key", "a=key-not-real", "--api-key", "b=key-not-real"],
        ["--api-key", "key not-real"],
        ["--callback-url", "http://example.com/"],
    ],
)
def test_a_bad_option_is_an_error_that_repeats_no_key(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert main(["uniqodo", *options]) == 1

    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "not-real" not in error
