"""`couponbus endpoints`: who is told by webhook."""

import typer

from cli.endpoint_add_command import add
from cli.endpoint_commands import list_endpoints, pause, resume
from cli.endpoint_secret_commands import remove, rotate
from cli.endpoint_test_command import send_test

endpoints = typer.Typer(no_args_is_help=True, help="Who is told by webhook, and of what.")
endpoints.command("add")(add)
endpoints.command("list")(list_endpoints)
endpoints.command("test")(send_test)
endpoints.command("rotate")(rotate)
endpoints.command("pause")(pause)
endpoints.command("resume")(resume)
endpoints.command("remove")(remove)
