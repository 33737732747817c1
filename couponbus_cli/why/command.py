"""`couponbus why`: explain what happened to a customer, in plain sentences."""

from typing import Annotated

import typer

from couponbus.domain.polling.watch import Watch
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, TenantOption, on_stage
from couponbus_cli.app.failing import ATTENTION
from couponbus_cli.app.world import World
from couponbus_cli.logs.traces import trace_in
from couponbus_cli.status.issuing_figures import with_accounts
from couponbus_cli.watch.polling import Polling, forecast_of
from couponbus_cli.why.finding import find
from couponbus_cli.why.story import stories

HINT = (
    "A sign-up that was just sent may still be in the queue: try again in half a minute. One that"
    " came after its customer had the barcode leaves no row of its own: ask for the"
    " customer id. Customers who were watched already keep the watch of their first sign-up."
    " Removed programs are not searched. Rows of sign-ups that were rejected or never resolved are"
    " kept for 90 days."
)
QUERY_LETTERS = 200  # shown of what was typed; an id of a producer has 128
TRACE_HINT = (
    "No index leads from a trace to its rows: they are found by the log lines that name it, which"
    " are deleted some time after, and name 200 traces at most. If the trace is right, ask for the"
    " sign-up, the tracking code or the event instead."
)


@on_stage
def why(
    stage: ChosenStage,
    *,
    query: Annotated[
        str,
        typer.Argument(
            metavar="CUSTOMER|SIGNUP|TRACKING_CODE|ID",
            help=(
                "A Coniq customer id, a sign-up id, a tracking code, or the id of an issuance,"
                " watch, redemption, notice, event, webhook or trace; of a batch its key, BATCH#ID."
            ),
        ),
    ],
    tenant: TenantOption = "default",
) -> Answer:
    """Explain what happened, what will happen next, and when."""
    return explained(query.strip(), tenant=tenant, world=stage.open())


def explained(query: str, *, tenant: str, world: World) -> Answer:
    """Return the stories of all rows that the query matches; code 1 if there is none."""
    found = find(query, tenant=tenant, world=world)
    polled = any(isinstance(row, Watch) for row in found.rows)
    polling = forecast_of(world) if polled else Polling()
    explanations = with_accounts(
        stories(found.rows, now=world.clock.now(), polling=polling, batches=found.batches),
        found.rows,
        world,
    )
    data = {
        "query": query,
        "searched": [*found.searched],
        "rows": [each.data() for each in explanations],
    }
    if explanations:
        return Answer(data=data, shown=[line for each in explanations for line in each.lines()])
    searched = [f"  - {each}" for each in found.searched]
    shown = [f"Nothing is known of {query[:QUERY_LETTERS]}. Searched:", *searched, hint_on(query)]
    return Answer(data=data, shown=shown, code=ATTENTION)


def hint_on(query: str) -> str:
    """Return why nothing may be known of it, though it happened."""
    return HINT if trace_in(query) is None else TRACE_HINT
