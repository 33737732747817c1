"""Which deliveries: the options that several commands share."""

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
        help="Only of this customer, by whatever `why` finds, or by the customer_ref.",
    ),
]
TypesOption = Annotated[
    list[str] | None, typer.Option("--type", metavar="NAME", help="Only events of this type.")
]
UntilOption = Annotated[
    str | None,
    typer.Option(metavar="AGO|MOMENT", help="Told before this moment, or so long ago; now."),
]
EventTenant = Annotated[str, typer.Option("--tenant", help="Whose events.")]
