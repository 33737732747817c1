"""The line of a command in the help is known before the command is imported."""

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from couponbus_cli.main import COMMANDS, app


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_is_how_its_own_help_begins(name: str) -> None:
    commands = get_command(app)
    assert isinstance(commands, TyperGroup)

    begins = str(commands.commands[name].help).partition("\n\n")[0]

    assert COMMANDS[name].line == " ".join(begins.split())
