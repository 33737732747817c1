"""`couponbus resolve`: an operator settles what no program can decide."""

from typing import Annotated, NoReturn

import typer

from cli.answer import Answer, answer
from cli.asking import Confirm, asked, without_asking
from cli.failing import Failed
from cli.finding import key_in
from cli.options import JsonOption, StageOption, world_of
from cli.settling import begin_watching, candidate, chosen, require_ambiguous, safe_reason
from cli.stage import Stage
from cli.world import World
from couponbus.domain.barcode import masked
from couponbus.domain.issuance import Issuance, IssuanceState
from couponbus.domain.reopening import allowed_again

REISSUE = (
    "let Coniq issue another barcode? If one of the barcodes found belongs to this customer after"
    " all, the customer will have two"
)


def resolve(
    context: typer.Context,
    issuance: Annotated[str, typer.Argument(help="Its id or tracking code, as `why` shows it.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the issuance. No personal data.")],
    choose: Annotated[
        str | None,
        typer.Option(
            metavar="LAST4", help="The barcode that is meant: its last four digits, or all of it."
        ),
    ] = None,
    reissue: Annotated[
        bool, typer.Option("--reissue", help="None of them is this customer's: issue anew.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    stage: StageOption = Stage.LOCAL,
    as_json: JsonOption = False,
) -> NoReturn:
    """Settle an AMBIGUOUS issuance, by choosing a barcode or by allowing another one."""
    if (choose is not None) == reissue:
        raise typer.BadParameter("give either --choose LAST4 or --reissue")
    answer(
        lambda: settled(
            issuance.strip(),
            choose=choose,
            reason=reason,
            confirm=without_asking if yes else asked,
            world=world_of(context, stage),
        ),
        as_json=as_json,
    )


def settled(
    query: str, *, choose: str | None, reason: str, confirm: Confirm, world: World
) -> Answer:
    """Settle it over exactly the revision that was looked at. Raises Failed."""
    why = safe_reason(reason)
    row = _issuance(query, world)
    require_ambiguous(row)
    now = world.clock.now()
    if choose is None:
        question, after = REISSUE, allowed_again(row, now=now, why=why)
        said = f"{row.issuance_id} will be issued anew, within a minute or two."
    else:
        number = candidate(row, choose)
        question = f"record {masked(number)} as the barcode of customer {row.customer_id}?"
        after = chosen(row, number=number, reason=why, now=now)
        said = f"{row.issuance_id} has the barcode {masked(number)} now; its event follows."
    if not confirm(question.removesuffix("?")):
        raise Failed("nothing was changed", kind="not_confirmed")
    if after.state is IssuanceState.ISSUED:
        begin_watching(after, world)
    if world.rows.write([after.written(world.ids.new())]):
        raise Failed("it was changed meanwhile, look again", kind="conflict")
    data = {"issuance_id": row.issuance_id, "state": after.state.value, "reason": why}
    return Answer(data=data, shown=[said])


def _issuance(query: str, world: World) -> Issuance:
    key = key_in(query)
    row = None if key is None else world.rows.read([key]).get(key)
    if not isinstance(row, Issuance):
        raise Failed(f"there is no issuance {query}; see `couponbus why`", kind="not_found")
    return row
