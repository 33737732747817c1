"""The command group `couponbus watch`."""

import typer

from cli.pause_commands import pause, pauses, resume
from cli.watch_add_command import add
from cli.watch_commands import cancel, list_watches, poll

watch = typer.Typer(no_args_is_help=True, help="Whose redemptions are looked for, and when.")
watch.command("add")(add)
watch.command("list")(list_watches)
watch.command("cancel")(cancel)
watch.command("poll")(poll)
watch.command("pause")(pause)
watch.command("resume")(resume)
watch.command("pauses")(pauses)
