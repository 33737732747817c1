"""`couponbus deliveries`: list webhook deliveries, show their attempts, send them again."""

import typer

from couponbus_cli.deliveries.list_command import list_deliveries
from couponbus_cli.deliveries.retry_command import retry
from couponbus_cli.deliveries.show_command import show

deliveries = typer.Typer(no_args_is_help=True, help="List, show and retry webhook deliveries.")
deliveries.command("list")(list_deliveries)
deliveries.command("show")(show)
deliveries.command("retry")(retry)
