"""The command that shows why a function failed."""


def log_command(function: str, *, stage: str) -> str:
    """Return it; what follows in a sentence is to be set off by a semicolon."""
    return f"aws logs tail /aws/lambda/couponbus-{stage}-{function} --since 1h"
