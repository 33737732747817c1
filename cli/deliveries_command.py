"""`couponbus deliveries`: what was sent by webhook, and sending it again."""

import typer

from cli.delivery_list_command import list_deliveries
from cli.delivery_retry_command import retry
from cli.delivery_show_command import show

deliveries = typer.Typer(no_args_is_help=True, help="What was sent by webhook, to whom, and when.")
deliveries.command("list")(list_deliveries)
deliveries.command("show")(show)
deliveries.command("retry")(retry)
