"""A group of commands that are imported when they are called: none waits for what another needs."""

from collections import UserDict
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter


@dataclass(frozen=True, slots=True)
class Place:
    """The module that has a command under the command's name, and its line in the group's help."""

    module: str
    line: str


class LazyGroup(TyperGroup):
    """Shows the lines of its commands, and imports the one that is called."""

    places: ClassVar[Mapping[str, Place]]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands(self.places)

    def list_commands(self, ctx: "Context") -> list[str]:
        """Return the names, in their order."""
        return [*self.commands]

    def format_help(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write the help with the commands' lines: typer would ask each command for its own."""
        shown = copy(self)
        shown.commands = _lines(self.places)
        super(LazyGroup, shown).format_help(ctx, formatter)


class _Commands(UserDict[str, "Command"]):
    """The lines of the commands, each of which gives way to its command when it is looked up."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        super().__init__(_lines(places))
        self._places = places

    def __getitem__(self, name: str) -> "Command":
        return _loaded(name, self._places[name])


def _lines(places: Mapping[str, Place]) -> "dict[str, Command]":
    return {name: TyperCommand(name, help=place.line) for name, place in places.items()}


@cache
def _loaded(name: str, place: Place) -> "Command":
    found = getattr(import_module(place.module), name)
    around = typer.Typer()
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name)(found)
    return get_group(around).commands[name]
