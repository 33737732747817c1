"""`couponbus endpoints`: manage the subscribers of webhooks."""

import typer

from couponbus_cli.endpoints.add_command import add
from couponbus_cli.endpoints.commands import list_endpoints, pause, resume
from couponbus_cli.endpoints.secret_commands import remove, rotate
from couponbus_cli.endpoints.test_sending import send_test

endpoints = typer.Typer(no_args_is_help=True, help="Manage the subscribers of webhooks.")
endpoints.command("add")(add)
endpoints.command("list")(list_endpoints)
endpoints.command("test")(send_test)
endpoints.command("rotate")(rotate)
endpoints.command("pause")(pause)
endpoints.command("resume")(resume)
endpoints.command("remove")(remove)
