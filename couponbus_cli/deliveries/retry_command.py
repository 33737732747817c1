"""`couponbus deliveries retry`: count the selected webhooks, ask, and send them again."""

from typing import Annotated

import typer

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, YesOption, on_stage
from couponbus_cli.app.confirming import always_yes, ask_operator
from couponbus_cli.app.spans import typed_moment
from couponbus_cli.deliveries.choice import Choice, selection_of
from couponbus_cli.deliveries.options import (
    CustomerOption,
    EndpointsOption,
    EventsOption,
    EventTenant,
    TypesOption,
    UntilOption,
)
from couponbus_cli.deliveries.replay import ReplayRequest, continue_replay, count_only, start_replay
from couponbus_cli.resolve.settling import safe_reason

RATE_MAX = 1000


@on_stage
def retry(  # noqa: PLR0913 - a shell names its options
    stage: ChosenStage,
    *,
    deliveries: Annotated[
        list[str] | None, typer.Argument(metavar="[DELIVERY_ID]...", help="These deliveries.")
    ] = None,
    event: EventsOption = None,
    customer: CustomerOption = None,
    endpoint: EndpointsOption = None,
    detail_type: TypesOption = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="AGO|MOMENT", help="Published since then; 90 days, unless given."),
    ] = None,
    until: UntilOption = None,
    undelivered: Annotated[
        bool, typer.Option("--undelivered", help="Only those given up, or never sent.")
    ] = False,
    rate: Annotated[int, typer.Option(min=1, max=RATE_MAX, help="Webhooks per second.")] = 50,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    yes: YesOption = False,
    requested_by: Annotated[
        str, typer.Option("--as", help="Who asks; stored with the replay. No personal data.")
    ] = "operator",
    replay_id: Annotated[
        str | None, typer.Option("--continue", metavar="REPLAY_ID", help="Continue this replay.")
    ] = None,
    tenant: EventTenant = "default",
) -> Answer:
    """Send the selected events again, with the same webhook-ids, to endpoints subscribed now."""
    if not requested_by.strip():
        raise typer.BadParameter("--as: name who asks for the replay")
    if replay_id is not None and dry_run:
        raise typer.BadParameter("--continue sends: leave --dry-run out")
    choice = Choice(
        tenant=tenant,
        deliveries=deliveries or (),
        events=event or (),
        endpoints=endpoint or (),
        customer=customer,
        types=detail_type or (),
        since=None if since is None else typed_moment(since, option="--since"),
        until=None if until is None else typed_moment(until, option="--until"),
        undelivered=undelivered,
    )
    if choice.restricts == (replay_id is not None):
        raise typer.BadParameter(
            "select webhooks (at least one of DELIVERY_ID, --event, --customer, --endpoint,"
            " --type, --since, --until, --undelivered), or --continue a replay"
        )

    world = stage.open()
    confirm = always_yes if yes else ask_operator
    if replay_id is not None:
        return continue_replay(replay_id.strip(), confirm=confirm, world=world)
    selection = selection_of(choice, world=world)
    if dry_run:
        return count_only(selection, world=world)
    request = ReplayRequest(selection=selection, rate=rate, requested_by=safe_reason(requested_by))
    return start_replay(request, confirm=confirm, world=world)
