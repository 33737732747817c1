"""How publishing is put together, without the sweeper, which the publisher would load in vain."""

from couponbus.ports.shared import Bus
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.publishing.publish_events import PublishEvents


def publish_events(base: Foundation, *, bus: Bus) -> PublishEvents:
    """Return what publishes decided rows: for the stream, for a POST and for the sweeper."""
    return PublishEvents(store=base.store, bus=bus, clock=base.clock)
