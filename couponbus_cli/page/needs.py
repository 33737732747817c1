"""The commands in a sentence for an operator: complete, and for this stage, to be copied."""

from collections.abc import Iterator, Sequence

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from couponbus_cli.page.screen import Need

COMMAND = "couponbus"
ENDS = ".,;:)`"


def need_of(text: str, *, root: TyperGroup, stage: str) -> Need:
    """Return the sentence with the commands that it names; `root` knows which ones there are."""
    words = text.replace("`", " ").split()
    found = (
        _command(words[place + 1 :], group=root, stage=stage)
        for place, word in enumerate(words)
        if word == COMMAND
    )
    return Need(text=text, commands=[*dict.fromkeys(each for each in found if each)])


def _command(words: Sequence[str], *, group: TyperGroup, stage: str) -> str | None:
    """Return the command at the beginning of the words, None where it is not a whole one."""
    named: list[str] = []
    command: object = group
    for word in words:
        if not isinstance(command, TyperGroup):
            break
        command = command.commands.get(word.rstrip(ENDS))
        named.append(word.rstrip(ENDS))
    if not isinstance(command, TyperCommand):
        return None
    is_over = words[len(named) - 1] != named[-1]
    given = [] if is_over else [*_given(words[len(named) :], command)]
    wanted = [each for each in command.params if isinstance(each, TyperArgument) and each.required]
    if len([each for each in given if not each.startswith("--")]) < len(wanted):
        return None
    at_stage = ["--stage", stage] if "--stage" in _options(command) else []
    return " ".join([COMMAND, *named, *given, *at_stage])


def _given(words: Sequence[str], command: TyperCommand) -> Iterator[str]:
    """Yield the options and arguments, up to the first word that can be neither."""
    options = _options(command)
    places = sum(isinstance(each, TyperArgument) for each in command.params)
    coming = iter(words)
    for word in coming:
        value = word.rstrip(ENDS)
        if value in options and not options[value].is_flag:
            value = f"{value} {(following := next(coming, '')).rstrip(ENDS)}".rstrip()
            word = following  # noqa: PLW2901
        elif value not in options:
            places -= 1
        if places < 0:
            return
        yield value
        if word.rstrip(ENDS) != word:
            return


def _options(command: TyperCommand) -> dict[str, TyperOption]:
    options = [each for each in command.params if isinstance(each, TyperOption)]
    return {name: each for each in options for name in each.opts}
