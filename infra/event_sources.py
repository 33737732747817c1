"""Which sources and detail types couponbus publishes, read from the event classes."""

from couponbus.events import barcodes, sign_up_rejected
from couponbus.events.base import PublishedEvent

# A class registers itself when its module is imported.
CONTRACTS = (barcodes, sign_up_rejected)


def published_sources() -> list[str]:
    """Return the `source` of each event that couponbus may put on the bus."""
    return sorted({event.source for event in PublishedEvent.registry.values()})


def published_detail_types() -> list[str]:
    """Return the `detail-type` of each event that couponbus may put on the bus."""
    return sorted(PublishedEvent.registry)
