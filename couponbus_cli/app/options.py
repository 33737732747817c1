"""The options that every command has."""

from typing import Annotated

import typer

from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import Opener, World

StageOption = Annotated[
    Stage,
    typer.Option(
        "--stage",
        envvar="COUPONBUS_STAGE",
        help="The deployment to work on; local is the one of `make up`.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
TenantOption = Annotated[str, typer.Option("--tenant", help="Whose sign-ups.")]


def world_of(context: typer.Context, stage: Stage) -> World:
    """Open the stage with the opener that the command was started with."""
    opener: Opener = context.find_root().obj
    return opener(stage)
