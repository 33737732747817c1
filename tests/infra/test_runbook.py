"""The runbook has a section for each alarm, and names commands that exist."""

import re

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from couponbus_cli.main import app
from infra.sources import ROOT
from tests.infra.alarms import alarms
from tests.infra.assembly import Assembly

DESCRIPTION = re.compile(r"[^.]+[^. ]\. runbook: ([a-z0-9-]+)")
COMMAND = re.compile(r"`(couponbus [^`]+)`")
WORD = re.compile(r"[a-z]+")
PARTS = ("Means", "Look", "Do", "Over")


def sections() -> dict[str, str]:
    text = (ROOT / "infra" / "RUNBOOK.md").read_text(encoding="utf-8")
    found = re.split(r"^### (.+)$", text, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


SECTIONS = sections()
COMMANDS = sorted(
    {" ".join(found.split()) for text in SECTIONS.values() for found in COMMAND.findall(text)}
)


def test_each_alarm_is_a_sentence_with_a_section_and_each_section_has_an_alarm(
    dev: Assembly,
) -> None:
    described = {
        name: DESCRIPTION.fullmatch(alarm["AlarmDescription"])
        for name, alarm in alarms(dev).items()
    }

    assert [name for name, found in described.items() if found is None] == []
    named = {found[1] for found in described.values() if found}
    # The alarm of a setting that dev does not have.
    assert named | {"sign-ups-missing"} == SECTIONS.keys()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_says_what_it_means_where_to_look_what_to_do_and_when_it_is_over(
    section: str,
) -> None:
    assert re.findall(r"^\* \*\*(\w+)\*\*: ", SECTIONS[section], flags=re.MULTILINE) == [*PARTS]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_runbook_exists_with_its_options(command: str) -> None:
    words, options = path_of(command.split()[1:]), re.findall(r"--[a-z-]+", command)

    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})

    assert words
    assert shown.exit_code == 0, shown.output
    assert [one for one in options if one not in shown.output] == []


def path_of(words: list[str]) -> list[str]:
    """Return the words that lead to a command, which what follows are arguments of."""
    found: object = get_command(app)
    path: list[str] = []
    for word in words:
        if not isinstance(found, TyperGroup):
            break
        assert word in found.commands, word
        found = found.commands[word]
        path.append(word)
    assert not isinstance(found, TyperGroup), words
    return path
