"""Durations and accounts of the simulated stage: short, in the proportions of a real one."""

from datetime import datetime, timedelta

from couponbus.domain.issuing.account import Account, Lookup
from couponbus.domain.timing import Timing
from tests.simulation.transport import BASE

LIMIT = 60.0  # of an invocation, seconds
SETTLE = 300.0
RESOLVE_FOR = 600.0

TIMING = Timing(
    settle=SETTLE,
    answered_settle=30.0,
    between_look_ups=30.0,
    post=30.0,
    post_margin=5.0,
    skew=5.0,
    publish_grace=45.0,
    handover=150.0,
    slot_wait=5.0,
    backoff=5.0,
    backoff_cap=60.0,
    resolve_for=RESOLVE_FOR,
)


def end_of(start: datetime) -> datetime:
    """Return when Lambda ends an invocation that starts now."""
    return start + timedelta(seconds=LIMIT)


def account(
    name: str, *, batch_max: int, lookup: Lookup, item_errors_trusted: bool, envelope: str | None
) -> Account:
    return Account(
        name=name,
        base_url=f"{BASE}/{name}",
        secret_id=name,
        batch_max=batch_max,
        batch_envelope=envelope,
        lookup=lookup,
        item_errors_trusted=item_errors_trusted,
    )
