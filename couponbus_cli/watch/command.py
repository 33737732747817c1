"""The command group `couponbus watch`."""

import typer

from couponbus_cli.watch.add_command import add
from couponbus_cli.watch.commands import cancel, list_watches, poll
from couponbus_cli.watch.pause_commands import pause, pauses, resume

watch = typer.Typer(
    no_args_is_help=True, help="Manage watches: the customers whose redemptions are polled."
)
watch.command("add")(add)
watch.command("list")(list_watches)
watch.command("cancel")(cancel)
watch.command("poll")(poll)
watch.command("pause")(pause)
watch.command("resume")(resume)
watch.command("pauses")(pauses)
