"""Whether a provider announces a rate limit."""

from collections.abc import Sequence

from couponbus_cli.probe.caller import Reply
from couponbus_cli.probe.findings import Assumption, Finding

HEADERS = ("X-RateLimit-Limit", "X-Rate-Limit-Limit", "RateLimit-Limit", "RateLimit-Policy")
_DIGITS_MAX = 9


def rate_limit(replies: Sequence[Reply], *, calls_per_second: float) -> Finding:
    """Return whether any answer names a limit that a setting should follow."""
    assumption = Assumption(
        name="rate_limit",
        text=f"no limit is announced; couponbus calls {calls_per_second:g} times a second at most",
        change="account: calls_per_second",
    )
    for reply in replies:
        for name in HEADERS:
            announced = reply.headers.get(name, "")
            if announced:
                return assumption.differs(f"{name}: {_number(announced)}")
    answered = sum(reply.status is not None for reply in replies)
    return assumption.holds(f"no answer of {answered} has a header for it")


def _number(text: str) -> str:
    is_plain = text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX
    return text if is_plain else "not a plain number"
