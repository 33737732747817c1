"""Confirmation prompts before changes that cannot be undone."""

from collections.abc import Callable

import typer

from couponbus_cli.app.failing import Failed

type Confirm = Callable[[str], bool]


def always_yes(_text: str) -> bool:
    """Confirm without a prompt, for --yes."""
    return True


def ask_operator(text: str) -> bool:
    """Ask the operator; an aborted prompt is a no."""
    try:
        return typer.confirm(text, err=True)
    except typer.Abort:
        return False


def require(confirm: Confirm, question: str) -> None:
    """Raise Failed unless it is confirmed."""
    if not confirm(question):
        raise Failed("nothing was changed", kind="not_confirmed")
