"""The command `couponbus`: programs, accounts, watches, webhooks, status, why, and more."""

import typer

from couponbus_cli.accounts.command import account
from couponbus_cli.app.world import open_world
from couponbus_cli.deliveries.command import deliveries
from couponbus_cli.endpoints.command import endpoints
from couponbus_cli.listen.command import listen
from couponbus_cli.logs.command import logs
from couponbus_cli.lookups.barcodes_command import barcodes
from couponbus_cli.lookups.offers_command import offers
from couponbus_cli.page.command import page
from couponbus_cli.probe.command import probe
from couponbus_cli.programs.commands import programs
from couponbus_cli.redrive.command import redrive
from couponbus_cli.resolve.command import resolve
from couponbus_cli.restore.command import restore
from couponbus_cli.status.command import status
from couponbus_cli.watch.command import watch
from couponbus_cli.why.command import why

app = typer.Typer(
    name="couponbus",
    help=(
        "Operate couponbus: programs, accounts, watches and webhooks; check the health of a stage,"
        " and explain what happened to a customer.\n\nExit codes: 0 done and well; 1 something"
        " needs attention, or invalid input; 2 usage error; 3 the stage cannot be reached."
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
app.command("page")(page)
app.command("why")(why)
app.command("logs")(logs)
app.command("barcodes")(barcodes)
app.command("offers")(offers)
app.command("resolve")(resolve)
app.command("redrive")(redrive)
app.add_typer(restore, name="restore")


def main() -> None:
    """Run the command on the stages that this machine can reach."""
    app(obj=open_world)


if __name__ == "__main__":
    main()
