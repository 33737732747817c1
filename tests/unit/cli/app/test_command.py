"""Every command has the same options for its stage and its output format."""

from collections.abc import Iterator

import pytest
import typer.main

from couponbus_cli.main import app
from tests.unit.cli.stage import FakeStage

WITHOUT_JSON = {"page"}  # it serves, or writes a file
WITHOUT_A_STAGE = {
    "config check",
    "config init",
    "config schema",
    "listen",
    "probe coniq",
    "probe koupon",
    "probe uniqodo",
}


def commands() -> Iterator[tuple[str, set[str]]]:
    """Yield each command with its options."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        for inner, each in getattr(command, "commands", {"": command}).items():
            options = {option for parameter in each.params for option in parameter.opts}
            yield f"{name} {inner}".strip(), options


def test_all_answer_as_json_and_all_but_these_take_a_stage() -> None:
    found = dict(commands())

    assert len(found) > 20
    assert {name for name, options in found.items() if "--json" not in options} == WITHOUT_JSON
    assert {name for name, options in found.items() if "--stage" not in options} == WITHOUT_A_STAGE


@pytest.mark.parametrize(
    "arguments",
    [
        ("endpoints", "rotate", "shop", "--overlap", "31d"),
        ("programs", "rematch", "--since", "yesterday"),
        ("restore", "begin", "--to", "soon"),
        ("watch", "pause", "--provider", "koupon", "--account", "main", "--promotion", "0" * 32),
        ("resolve", "--retry"),
    ],
)
def test_what_is_not_understood_ends_before_a_stage_is_opened(
    arguments: tuple[str, ...],
) -> None:
    stage = FakeStage()

    outcome = stage.run(*arguments, "--json")

    assert (outcome.code, outcome.out, stage.opened) == (2, "", [])
    assert "Usage: couponbus" in outcome.err
