"""`couponbus probe` refuses an impossible run before it calls a provider."""

from pathlib import Path

import pytest

from tests.integration.aws import cloud as aws
from tests.unit.cli.probe.running import run

HERE = ("--base-url", "http://127.0.0.1:9")
CONIQ = ("coniq", "--customer-id", "7", "--offer-id", "101")
KOUPON = ("koupon", "--consumer", "ann")
UNIQODO = ("uniqodo", "--promotion", "0a" * 16, "--user", "ann")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*CONIQ, "--base-url", "https://api.coniq.com", "--write"), "only at https://api-stage"),
        ((*CONIQ, "--base-url", "http://api.coniq.com"), "must start with https://"),
        ((*CONIQ, "--base-url", "https://api-stage.coniq.com"), "--pace: at most 3"),
        (("koupon", "--consumer", "..", *HERE), "not_an_id: --consumer"),
        ((*KOUPON, *HERE, "--offer", "1,2"), "comma_in_id"),
        ((*KOUPON, *HERE, "--store", " "), "empty: --store"),
        ((*KOUPON, *HERE, "--timezone", "Dallas"), "there is no zone 'Dallas'"),
        (("uniqodo", "--promotion", "abc", "--user", "ann", *HERE), "not_32_hex_digits: promotion"),
        ((*UNIQODO, *HERE, "--zone", "London"), "there is no zone 'London'"),
        ((*UNIQODO, *HERE, *("--user", "ann") * 5), "--user: at most 5"),
        ((*UNIQODO, *HERE, "--secret-file", "x", "--secret-id", "y"), "not both"),
    ],
)
def test_what_cannot_be_done_as_written_is_reported(arguments: tuple[str, ...], words: str) -> None:
    shell = run(*arguments)

    assert shell.code == 2
    assert words in shell.err
    assert shell.out == ""


@pytest.mark.parametrize("arguments", [CONIQ, KOUPON, UNIQODO])
def test_missing_credentials_are_reported_by_the_name_of_the_variable(
    arguments: tuple[str, ...],
) -> None:
    shell = run(*arguments, *HERE, environment={})

    assert shell.code == 2
    assert f"set COUPONBUS_{arguments[0].upper()}_" in shell.err


def test_options_that_are_missing_are_named() -> None:
    shell = run("coniq", "--customer-id", "7")

    assert shell.code == 2
    assert "--offer-id" in shell.err


@pytest.mark.parametrize("arguments", [CONIQ, KOUPON, UNIQODO])
def test_a_provider_that_is_not_there_is_not_reached(arguments: tuple[str, ...]) -> None:
    shell = run(*arguments, *HERE)

    assert shell.code == 3
    assert shell.err == "the provider cannot be reached (no answer: not_connected)\n"


def test_a_key_that_no_header_can_carry_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("two words", encoding="utf-8")

    for arguments in (CONIQ, UNIQODO):
        shell = run(*arguments, *HERE, "--secret-file", str(file))

        assert shell.code == 2
        assert "the secret is not an API key" in shell.err
        assert "two words" not in shell.err


def test_the_secret_may_be_in_secrets_manager() -> None:
    with aws.a_cloud() as cloud:
        cloud.clients.secrets.create_secret(Name="main", SecretString="test-key-not-real")

        found = run(*CONIQ, *HERE, "--secret-id", "main", environment={})
        missing = run(*CONIQ, *HERE, "--secret-id", "other", environment={})

    assert (found.code, missing.code) == (3, 3)
    assert "not_connected" in found.err
    assert "the secret cannot be read: other: ResourceNotFoundException" in missing.err
