"""How sweeping is put together; ports in, use case out."""

from collections.abc import Mapping

from couponbus.domain.issuing.account import Account
from couponbus.ports.shared import Bus, Commands, RateLimiter
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.issuing.issuing_batches import IssuingBatches
from couponbus.usecases.outbox.sweep_due import SweepDue
from couponbus.usecases.publishing.assembly import publish_events


def sweep_due(
    base: Foundation,
    *,
    bus: Bus,
    commands: Commands,
    polls: Commands,
    redeliveries: DeliveryQueue,
    limiter: RateLimiter,
    accounts: Mapping[str, Account],
) -> SweepDue:
    """Return the sweeper; a due row goes to the queue of its kind."""
    publishing = publish_events(base, bus=bus)
    return SweepDue(
        ledger=base.ledger,
        store=base.store,
        publish_events=publishing,
        batches=IssuingBatches(store=base.store, publish_events=publishing, clock=base.clock),
        commands=commands,
        polls=polls,
        redeliveries=redeliveries,
        limiter=limiter,
        accounts=accounts,
        clock=base.clock,
        timing=base.timing,
    )
