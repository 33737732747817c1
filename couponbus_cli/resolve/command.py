"""`couponbus resolve`: settle an ambiguous issuance, or retry refused ones."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.reopening import allowed_again
from couponbus.domain.masking import masked
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, YesOption, on_stage
from couponbus_cli.app.confirming import Confirm, always_yes, ask_operator, require
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.spans import Typed, moment_of, typed_moment
from couponbus_cli.app.world import World
from couponbus_cli.resolve.retrying import Refused, retried_all, retried_one
from couponbus_cli.resolve.settling import (
    begin_watching,
    candidate,
    chosen,
    require_ambiguous,
    safe_reason,
)
from couponbus_cli.why.finding import key_in

RETRIED = "the refusal is no longer valid"
REISSUE = (
    "let Coniq issue another barcode? If one of the barcodes found belongs to this customer after"
    " all, the customer will have two"
)


@on_stage
def resolve(  # noqa: PLR0913 - a shell names its options
    stage: ChosenStage,
    *,
    issuance: Annotated[
        str | None,
        typer.Argument(help="Its id or tracking code, as `why` shows it; not with --since."),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(
            help="Why; stored with the issuance, no personal data. With --since: the reason of the"
            " refusals, such as status_404."
        ),
    ] = None,
    choose: Annotated[
        str | None,
        typer.Option(
            metavar="LAST4", help="The right barcode: its last four digits, or the full number."
        ),
    ] = None,
    reissue: Annotated[
        bool, typer.Option("--reissue", help="None of them is this customer's: issue another.")
    ] = False,
    retry: Annotated[
        bool,
        typer.Option("--retry", help="Refused: look it up, and POST again unless it is found."),
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(metavar="AGO|MOMENT", help="Retry all refused for --reason since then."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="AGO|MOMENT", help="Refused before then; now, unless given."),
    ] = None,
    program: Annotated[str | None, typer.Option(help="Only those of this program.")] = None,
    account: Annotated[str | None, typer.Option(help="Only those of this account.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    yes: YesOption = False,
) -> Answer:
    """Settle an AMBIGUOUS issuance, or retry refused ones: one, or all of a reason and a time."""
    confirm = always_yes if yes else ask_operator
    if [choose is not None, reissue, retry].count(True) != 1:
        raise typer.BadParameter("give either --choose LAST4, or --reissue, or --retry")
    if issuance is None:
        many = _several(reason, since=since, until=until, retry=retry)
        world = stage.open()
        refused = many.refused(world.clock.now(), program=program, account=account)
        return retried_all(refused, dry_run=dry_run, confirm=confirm, world=world)
    if dry_run or any(each is not None for each in (since, until, program, account)):
        raise typer.BadParameter(
            "--since, --until, --program, --account and --dry-run select many: leave the issuance"
            " out"
        )
    if reason is None and not retry:
        raise typer.BadParameter("--reason: say why")
    query, why, world = issuance.strip(), RETRIED if reason is None else reason, stage.open()
    if not retry:
        return settled(query, choose=choose, reason=why, confirm=confirm, world=world)
    row = issuance_of(query, world)
    return retried_one(row, why=safe_reason(why), confirm=confirm, world=world)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Several:
    reason: str
    since: Typed
    until: Typed | None

    def refused(self, now: datetime, *, program: str | None, account: str | None) -> Refused:
        return Refused(
            reason=self.reason,
            since=moment_of(self.since, now=now),
            until=now if self.until is None else moment_of(self.until, now=now),
            program=program,
            account=account,
        )


def _several(reason: str | None, *, since: str | None, until: str | None, retry: bool) -> _Several:
    """Return the selected refusals. Raises BadParameter."""
    if not retry or since is None or reason is None or not reason.strip():
        raise typer.BadParameter(
            "name an issuance; or retry many: --retry --reason CODE --since AGO, with the reason"
            " that `couponbus why` shows for one of them"
        )
    return _Several(
        reason=reason.strip(),
        since=typed_moment(since, option="--since"),
        until=None if until is None else typed_moment(until, option="--until"),
    )


def settled(
    query: str, *, choose: str | None, reason: str, confirm: Confirm, world: World
) -> Answer:
    """Settle it with an optimistic lock on the revision that was read. Raises Failed."""
    why = safe_reason(reason)
    row = issuance_of(query, world)
    require_ambiguous(row)
    now = world.clock.now()
    if choose is None:
        question, after = REISSUE, allowed_again(row, now=now, why=why)
        text = f"{row.issuance_id} will be issued anew, within a minute or two."
    else:
        number = candidate(row, choose)
        question = f"record {masked(number)} as the barcode of customer {row.customer_id}?"
        after = chosen(row, number=number, reason=why, now=now)
        text = f"{row.issuance_id} has the barcode {masked(number)} now; its event follows."
    require(confirm, question.removesuffix("?"))
    if after.state is IssuanceState.ISSUED:
        begin_watching(after, world)
    if world.rows.write([after.written(world.ids.new())]):
        raise Failed("it was changed meanwhile: check it again", kind="conflict")
    data = {"issuance_id": row.issuance_id, "state": after.state.value, "reason": why}
    return Answer(data=data, shown=[text])


def issuance_of(query: str, world: World) -> Issuance:
    """Return the issuance of an id or a tracking code. Raises Failed."""
    key = key_in(query)
    row = None if key is None else world.rows.read([key]).get(key)
    if not isinstance(row, Issuance):
        raise Failed(f"there is no issuance {query}; see `couponbus why`", kind="not_found")
    return row
