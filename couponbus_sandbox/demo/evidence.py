"""The unusual log lines of the functions: the first thing to read after a broken promise."""

from collections.abc import Iterator

from couponbus_sandbox.local.stack import LocalStack

ROUTINE = ("START ", "END ", "REPORT ", '{"_aws"', '{"level":"INFO"')
LINES_SHOWN = 12
LINE_LENGTH = 300


def unusual_logs(stack: LocalStack) -> tuple[str, ...]:
    """Return the last lines of each function that are not routine, after its name."""
    return tuple(
        f"{name}: {line[:LINE_LENGTH]}"
        for name, function in sorted(stack.functions.items())
        for line in list(_unusual(stack, f"/aws/lambda/{function}"))[-LINES_SHOWN:]
    )


def _unusual(stack: LocalStack, group: str) -> Iterator[str]:
    logs = stack.access.logs()
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
        for event in page["events"]:
            if not event["message"].startswith(ROUTINE):
                yield event["message"].rstrip()
