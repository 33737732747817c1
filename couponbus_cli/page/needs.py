"""The commands in a sentence for an operator: complete, and for this stage, to be copied."""

import re
import shlex
from collections.abc import Iterator, Sequence

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from couponbus_cli.page.screen import Need

COMMAND = "couponbus"
ENDS = ".,;:)`"
AWS = re.compile(r"\baws [a-z]+ [a-z-]+ (?:/\S+ )?--[^;]*[^;.,]")


def need_of(text: str, *, root: TyperGroup, stage: str) -> Need:
    """Return the sentence with the commands that it names; `root` knows which ones there are."""
    words = text.replace("`", " ").split()
    found = [
        command
        for place, word in enumerate(words)
        if word == COMMAND and (command := _command(words[place + 1 :], group=root, stage=stage))
    ]
    # A sentence about many rows ends with their ids.
    first = text.rpartition(": ")[2].partition(", ")[0]
    whole = [re.sub(r"\bID\b", first, command) for command in found]
    return Need(text=text, commands=[*dict.fromkeys([*whole, *AWS.findall(text)])])


def _command(words: Sequence[str], *, group: TyperGroup, stage: str) -> str | None:
    """Return the command at the beginning of the words; what it lacks has its name there."""
    named: list[str] = []
    command: object = group
    for word in words:
        if not isinstance(command, TyperGroup):
            break
        command = command.commands.get(word.rstrip(ENDS))
        named.append(word.rstrip(ENDS))
    if not isinstance(command, TyperCommand):
        return None
    is_over = words[len(named) - 1] not in (named[-1], f"{named[-1]}:")
    given = [] if is_over else [*_given(words[len(named) :], command)]
    wanted = [each for each in command.params if isinstance(each, TyperArgument) and each.required]
    there = len([each for each in given if not each.startswith("--")])
    lacking = [each.metavar or str(each.name).upper() for each in wanted[there:]]
    at_stage = ["--stage", stage] if "--stage" in _options(command) else []
    return " ".join([COMMAND, *named, *given, *lacking, *at_stage])


def _given(words: Sequence[str], command: TyperCommand) -> Iterator[str]:
    """Yield the options and arguments, up to the first word that can be neither."""
    options = _options(command)
    places = sum(isinstance(each, TyperArgument) for each in command.params)
    coming = iter(words)
    for word in coming:
        value = word.rstrip(ENDS)
        if value in options and not options[value].is_flag:
            word = next(coming, "")  # noqa: PLW2901 - the value of the option
            value = f"{value} {shlex.quote(word.rstrip(ENDS))}"
        elif value not in options:
            value = shlex.quote(value)
            places -= 1
        if places < 0:
            return
        yield value
        if word.rstrip(ENDS) != word:
            return


def _options(command: TyperCommand) -> dict[str, TyperOption]:
    options = [each for each in command.params if isinstance(each, TyperOption)]
    return {name: each for each in options for name in each.opts}
