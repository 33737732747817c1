"""`couponbus doctor`: what is wrong with a stage or its account, before and after a deployment."""

from typing import Annotated

import typer

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import ATTENTION, FINE
from couponbus_cli.doctor.examining import Examination
from couponbus_cli.doctor.finding import Verdict

QUALIFIER = "hnb659fds"  # the CDK's own


@on_stage
def doctor(
    stage: ChosenStage,
    *,
    qualifier: Annotated[
        str, typer.Option(help="The qualifier with which the account was bootstrapped.")
    ] = QUALIFIER,
) -> Answer:
    """Check a stage and its account, before and after a deployment; exits with 1 for a problem."""
    world = stage.open()
    examination = Examination(world.answers, place=world.stage, qualifier=qualifier)
    found = [*examination.findings()]
    is_well = all(each.verdict is not Verdict.PROBLEM for each in found)
    data = {
        "stage": str(world.stage),
        "well": is_well,
        "findings": [each.data() for each in found],
    }
    return Answer(
        data=data,
        shown=[each.line for each in found],
        code=FINE if is_well else ATTENTION,
    )
