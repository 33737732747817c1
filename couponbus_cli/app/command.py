"""Decorators that give a command --stage and --json, and end it with its answer."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from inspect import Parameter, Signature, signature
from typing import Annotated, Concatenate, NoReturn

import typer

from couponbus_cli.app.answer import Answer, answer
from couponbus_cli.app.stage import Stage, stage_named
from couponbus_cli.app.world import Opener, World
from couponbus_config.configuration_error import ConfigurationError


def _stage(name: str) -> Stage:
    try:
        return stage_named(name, environment=os.environ)
    except ConfigurationError as wrong:
        raise typer.BadParameter(str(wrong)) from None


StageOption = Annotated[
    Stage,
    typer.Option(
        "--stage",
        envvar="COUPONBUS_STAGE",
        parser=_stage,
        metavar="NAME",
        help="The deployment to work on, of couponbus.yaml; local is the one of `make up`.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
TenantOption = Annotated[str, typer.Option("--tenant", help="The tenant of the sign-ups.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]

CONTEXT = Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context)
STAGE = Parameter("stage", Parameter.KEYWORD_ONLY, annotation=StageOption, default=Stage.LOCAL)
AS_JSON = Parameter("as_json", Parameter.KEYWORD_ONLY, annotation=JsonOption, default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenStage:
    """The stage that --stage names; nothing is contacted before `open`."""

    name: Stage
    opener: Opener

    def open(self) -> World:
        """Open the stage with this command's opener. Raises Failed, BotoCoreError."""
        return self.opener(self.name)


def on_stage(command: Callable[Concatenate[ChosenStage, ...], Answer]) -> Callable[..., NoReturn]:
    """Add --stage and --json to a command, and exit with the code of its answer or failure."""

    def run(*, context: typer.Context, stage: Stage, as_json: bool, **given: object) -> NoReturn:
        chosen = ChosenStage(name=stage, opener=context.find_root().obj)
        answer(lambda: command(chosen, **given), as_json=as_json)

    _, *own = signature(command).parameters.values()
    return _declared(run, command, [CONTEXT, *own, STAGE, AS_JSON])


def answering(command: Callable[..., Answer]) -> Callable[..., NoReturn]:
    """Add --json to a command, and exit with the code of its answer or failure."""

    def run(*, as_json: bool, **given: object) -> NoReturn:
        answer(lambda: command(**given), as_json=as_json)

    own = signature(command).parameters.values()
    return _declared(run, command, [*own, AS_JSON])


def _declared(
    run: Callable[..., NoReturn], command: Callable[..., Answer], parameters: Sequence[Parameter]
) -> Callable[..., NoReturn]:
    """Show typer the command's name and docstring, with these parameters."""
    update_wrapper(run, command)
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return run
