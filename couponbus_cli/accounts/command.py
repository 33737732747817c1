"""`couponbus account pause|resume`: stop and restart the POSTs to a Coniq account."""

from functools import partial
from typing import Annotated

import typer

from couponbus.domain.braking import braked, resumed
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, YesOption, on_stage
from couponbus_cli.app.confirming import Confirm, always_yes, ask_operator, require
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.world import World
from couponbus_cli.resolve.settling import safe_reason
from couponbus_cli.status.issuing_figures import AccountPace, seen

BY_OPERATOR = "by an operator"
PROBED = "Did `couponbus probe coniq` find no difference, and should the POSTs restart"

account = typer.Typer(no_args_is_help=True, help="Stop and restart the POSTs to a Coniq account.")
AccountArgument = Annotated[
    str, typer.Argument(help="The Coniq account, as the stage is deployed with it.")
]


@account.command("pause")
@on_stage
def pause(
    stage: ChosenStage,
    *,
    name: AccountArgument,
    reason: Annotated[
        str, typer.Option(help="Why the POSTs stop. No personal data.")
    ] = BY_OPERATOR,
) -> Answer:
    """Stop the POSTs to an account until it is resumed; sign-ups wait, look-ups continue."""
    return _paused(name, safe_reason(reason), stage.open())


@account.command("resume")
@on_stage
def resume(
    stage: ChosenStage,
    *,
    name: AccountArgument,
    yes: YesOption = False,
) -> Answer:
    """Resume a braked account, with one trial item first; run `couponbus probe coniq` before."""
    confirm = always_yes if yes else ask_operator
    return _resumed(name, confirm, stage.open())


def _paused(name: str, reason: str, world: World) -> Answer:
    before = _account(name, world)
    if before.is_braked:
        raise Failed(f"{name} is braked already: {seen(before.pace.brake)}", kind="braked")
    now = world.clock.now().timestamp()
    after = AccountPace(
        name=name, pace=world.issuing.change(name, partial(braked, remark=reason, now=now))
    )
    text = f"The POSTs to {name} are stopped. To resume: couponbus account resume {name}"
    return Answer(data=after.data(), shown=[text])


def _resumed(name: str, confirm: Confirm, world: World) -> Answer:
    before = _account(name, world)
    if not before.is_braked:
        raise Failed(f"{name} is not braked", kind="not_braked")
    found = f"{name} was braked: {seen(before.pace.brake)}"
    require(confirm, f"{found}. {PROBED}")
    now = world.clock.now().timestamp()
    after = AccountPace(name=name, pace=world.issuing.change(name, partial(resumed, now=now)))
    shown = [
        f"{found}.",
        f"{name} resumes within a minute or two with one item; the others follow if it succeeds.",
    ]
    return Answer(data=after.data(), shown=shown)


def _account(name: str, world: World) -> AccountPace:
    known = world.deployment.accounts()
    if name not in known:
        named = ", ".join(sorted(known)) or "none"
        text = f"unknown account: {world.stage} has these at Coniq: {named}"
        raise Failed(text, kind="unknown_account")
    return AccountPace(name=name, pace=world.issuing.pace(name))
