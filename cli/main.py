"""The command `couponbus`: programs, accounts, watches, webhooks, status, why, and more."""

import typer

from cli.account_command import account
from cli.deliveries_command import deliveries
from cli.endpoints_command import endpoints
from cli.listen_command import listen
from cli.probe_command import probe
from cli.programs_commands import programs
from cli.resolve_command import resolve
from cli.restore_command import restore
from cli.status_command import status
from cli.watch_command import watch
from cli.why_command import why
from cli.world import open_world

app = typer.Typer(
    name="couponbus",
    help=(
        "Look after couponbus: which sign-ups get which barcode, who is watched, who is told, is"
        " all well, and what became of this one.\n\nExit codes: 0 done and well; 1 something needs"
        " attention, or invalid input; 2 not understood; 3 the stage cannot be reached."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(programs, name="programs")
app.add_typer(account, name="account")
app.add_typer(watch, name="watch")
app.add_typer(endpoints, name="endpoints")
app.add_typer(deliveries, name="deliveries")
app.command("listen")(listen)
app.add_typer(probe, name="probe")
app.command("status")(status)
app.command("why")(why)
app.command("resolve")(resolve)
app.add_typer(restore, name="restore")


def main() -> None:
    """Run the command on the stages that this machine can reach."""
    app(obj=open_world)


if __name__ == "__main__":
    main()
