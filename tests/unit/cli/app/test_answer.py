"""Failures are sentences with exit codes; no secret or control code reaches the terminal."""

import json
from collections.abc import Callable

import pytest
import typer
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError
from botocore.parsers import ResponseParserError
from rich.table import Column, Table

from couponbus.domain.errors import (
    BusUnavailable,
    ConfigurationInvalid,
    LedgerUnavailable,
    QueueUnavailable,
    TransitionRefused,
)
from couponbus_cli.app.answer import Answer, answer, redacted
from couponbus_cli.app.failing import Failed, failure_of
from tests.unit.cli.stage import FakeStage


def ended(work: Callable[[], Answer], *, as_json: bool = False) -> int:
    with pytest.raises(typer.Exit) as exit_:
        answer(work, as_json=as_json)
    return int(exit_.value.exit_code)


def fails_with(error: Exception) -> Callable[[], Answer]:
    def work() -> Answer:
        raise error

    return work


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "ada@customer.example"}}, "Query")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (NoCredentialsError(), 3, "no usable AWS credentials (NoCredentialsError)"),
        (NoRegionError(), 3, "no region (NoRegionError): set AWS_REGION"),
        (client_error("AccessDenied"), 3, "access is denied (AccessDenied)"),
        (client_error("QueueDoesNotExist"), 3, "does not exist here (QueueDoesNotExist)"),
        (client_error("Throttled"), 3, "AWS does not answer (Throttled)"),
        (ResponseParserError("no XML"), 3, "what answers is not AWS (ResponseParserError)"),
        (LedgerUnavailable("counts: ResourceNotFoundException"), 3, "is it deployed, in this"),
        (LedgerUnavailable("read: the table gives no more"), 3, "AWS does not answer"),
        (
            LedgerUnavailable("the ledger's PACE#a cannot be read", code="a:b", broken=["PACE#a"]),
            1,
            "the ledger's PACE#a cannot be read: deploy the version that wrote it",
        ),
        (ConfigurationInvalid("program x: wrong channel"), 1, "program x: wrong channel"),
        (TransitionRefused("ISSUANCE#X is ISSUED"), 1, "this change is not allowed"),
        (BusUnavailable("no answer"), 1, "no answer"),
        (QueueUnavailable("send_message_batch: AccessDenied"), 3, "access is denied"),
        (Failed("look again", kind="conflict"), 1, "look again"),
    ],
)
def test_a_failure_is_one_sentence_and_a_code(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(fails_with(error)) == code

    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert "ada" not in shown.err


def test_a_failure_is_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(fails_with(NoCredentialsError()), as_json=True) == 3

    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"]["kind"] == "unreachable"
    assert shown.err == ""


def test_a_fault_of_our_own_names_its_place_and_no_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert failure_of(ValueError("test-secret-not-real")) is None
    assert ended(fails_with(ValueError("test-secret-not-real"))) == 1

    shown = capsys.readouterr().err
    assert "internal error in couponbus: ValueError in fails_with.<locals>.work:" in shown
    assert "secret" not in shown


def test_e_mail_addresses_are_hidden_wherever_they_stand() -> None:
    assert redacted('{"id": "ada@customer.example"} <bob@b.example>, c@d') == (
        '{"id": "(e-mail hidden)"} <(e-mail hidden)>, (e-mail hidden)'
    )


def test_a_table_hides_e_mail_addresses_too(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("name")
    table.add_row("ada@customer.example [bold]x[/bold]")

    assert ended(lambda: Answer(data={}, shown=[table])) == 0

    shown = capsys.readouterr().out
    assert "ada" not in shown
    assert "(e-mail hidden) [bold]x[/bold]" in shown


@pytest.mark.parametrize("width", range(4, 30, 3))
def test_a_narrow_column_does_not_cut_an_address_so_that_a_part_is_shown(
    width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table(Column("id", width=width, overflow="fold"), Column("ada@customer.example"))
    table.add_row("annabel.lee@customer.example", "x")

    ended(lambda: Answer(data={}, shown=[table]))

    shown = "".join(part for part in capsys.readouterr().out if part.isalpha())
    assert not any(part in shown for part in ("annabel", "lee", "customer", "exam"))


def test_a_terminal_is_not_steered_by_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda: Answer(data={}, shown=["a\x1b[31mb", "[red]c[/red] :smile:"])) == 0
    assert ended(fails_with(Failed("x\x1by", kind="k"))) == 1

    shown = capsys.readouterr()
    assert shown.out == "a\\u001b[31mb\n[red]c[/red] :smile:\n"
    assert shown.err == "x\\u001by\n"


def test_the_help_names_every_command_and_exit_code() -> None:
    shown = FakeStage().run("--help").out

    for word in (
        "programs",
        "watch",
        "status",
        "why",
        "resolve",
        "Exit codes: 0",
        "cannot be reached",
    ):
        assert word in shown


@pytest.mark.parametrize("character", ["\u202e", "\u200b", "\u2066", "\x9b", "\x7f", "\U000e0041"])
def test_what_could_deceive_a_reader_is_shown_as_an_escape(
    character: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table("name")
    table.add_row(f"a{character}b")
    data = {"name": f"a{character}b", "joined": "a\u200cb"}

    assert ended(lambda: Answer(data={}, shown=[table, f"a{character}b"])) == 0
    shown = capsys.readouterr().out
    assert ended(lambda: Answer(data=data), as_json=True) == 0
    printed = capsys.readouterr().out

    assert character not in shown + printed
    assert shown.count("\\u") >= 2
    assert json.loads(printed) == data
