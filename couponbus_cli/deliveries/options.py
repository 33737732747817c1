"""Options that select deliveries, shared by several commands."""

from typing import Annotated

import typer

EndpointsOption = Annotated[
    list[str] | None, typer.Option("--endpoint", metavar="ID", help="Only to this endpoint.")
]
EventsOption = Annotated[
    list[str] | None,
    typer.Option("--event", metavar="EVENT_ID|WEBHOOK_ID", help="Only of this event."),
]
CustomerOption = Annotated[
    str | None,
    typer.Option(
        "--customer",
        "--signup",
        metavar="CUSTOMER|SIGNUP|...",
        help="Only of this customer: any id that `why` takes, or the customer_ref.",
    ),
]
TypesOption = Annotated[
    list[str] | None, typer.Option("--type", metavar="NAME", help="Only events of this type.")
]
UntilOption = Annotated[
    str | None,
    typer.Option(metavar="AGO|MOMENT", help="Published before then; now, unless given."),
]
EventTenant = Annotated[str, typer.Option("--tenant", help="The tenant of the events.")]
