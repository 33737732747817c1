"""The command that shows why a function failed."""

from couponbus_cli.app.stage import Stage


def log_command(function: str, *, stage: Stage) -> str:
    """Return it; what follows in a sentence is to be set off by a semicolon."""
    return f"aws logs tail {stage.names.log_group(function)} --since 1h"
