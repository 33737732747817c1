"""The command `couponbus`: programs, accounts, watches, webhooks, status, why, and more."""

from collections.abc import Mapping

import typer

from couponbus_cli.app.lazy_commands import LazyGroup, Place
from couponbus_cli.app.world import open_world

# In the order of the help.
COMMANDS: Mapping[str, Place] = {
    "listen": Place(
        "couponbus_cli.listen.command",
        "Receive webhooks until Ctrl-C, verify and show each; without a terminal, as JSON lines.",
    ),
    "status": Place(
        "couponbus_cli.status.command",
        "Show what is done and what waits; exits with 1 when something needs an operator.",
    ),
    "page": Place(
        "couponbus_cli.page.command",
        "Show what `status` and `why` know in a browser of this machine, until Ctrl-C.",
    ),
    "why": Place(
        "couponbus_cli.why.command", "Explain what happened, what will happen next, and when."
    ),
    "logs": Place(
        "couponbus_cli.logs.command",
        "Show the log lines of all functions that name a trace, in their order.",
    ),
    "barcodes": Place(
        "couponbus_cli.lookups.barcodes_command",
        "Show the barcodes that Coniq has for a customer, issued by couponbus or not.",
    ),
    "offers": Place(
        "couponbus_cli.lookups.offers_command",
        "Show the offers that a consumer can use at Koupon.",
    ),
    "resolve": Place(
        "couponbus_cli.resolve.command",
        "Settle an AMBIGUOUS issuance, or retry refused ones: one, or all of a reason and a time.",
    ),
    "redrive": Place(
        "couponbus_cli.redrive.command",
        "Send the messages in `unidentified` to `signups` again; safe to interrupt and to repeat.",
    ),
    "programs": Place(
        "couponbus_cli.programs.commands",
        "Manage programs: which sign-ups get which barcode, and what is watched.",
    ),
    "account": Place(
        "couponbus_cli.accounts.command", "Stop and restart the POSTs to a Coniq account."
    ),
    "watch": Place(
        "couponbus_cli.watch.command",
        "Manage watches: the customers whose redemptions are polled.",
    ),
    "endpoints": Place("couponbus_cli.endpoints.command", "Manage the subscribers of webhooks."),
    "deliveries": Place(
        "couponbus_cli.deliveries.command", "List, show and retry webhook deliveries."
    ),
    "config": Place(
        "couponbus_cli.config.command",
        "Write, check and describe couponbus.yaml, the stages of an installation.",
    ),
    "synth": Place(
        "couponbus_cli.synth.command",
        "Write the CloudFormation templates of a stage, for `cdk deploy --app cdk.out`.",
    ),
    "doctor": Place(
        "couponbus_cli.doctor.command",
        "Check a stage and its account, before and after a deployment; exits with 1 for a problem.",
    ),
    "stop": Place(
        "couponbus_cli.switches.command",
        "Stop issuing, polling or webhooks; what comes meanwhile waits.",
    ),
    "start": Place("couponbus_cli.switches.command", "Start issuing, polling or webhooks again."),
    "probe": Place(
        "couponbus_cli.probe.command",
        "Make read-only calls to a provider, at most 20, one a second, and report which"
        " assumptions hold.",
    ),
    "restore": Place(
        "couponbus_cli.restore.command",
        "Restore the ledger to an earlier time. In this order: begin, copy, start, done; of a table"
        " that was deleted: table, start, done. The runbook is in infra/README.md.",
    ),
}


class Commands(LazyGroup):
    """All commands of couponbus."""

    places = COMMANDS


app = typer.Typer(
    name="couponbus",
    cls=Commands,
    help=(
        "Operate couponbus: programs, accounts, watches and webhooks; check the health of a stage,"
        " and explain what happened to a customer.\n\nExit codes: 0 done and well; 1 something"
        " needs attention, or invalid input; 2 usage error; 3 the stage cannot be reached."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _couponbus() -> None:
    """Make a group of what names no command to typer."""


def main() -> None:
    """Run the command on the stages that this machine can reach."""
    app(obj=open_world)


if __name__ == "__main__":
    main()
