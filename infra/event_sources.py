"""Which sources and detail types couponbus publishes, read from the event classes."""

from couponbus.events import (
    barcodes,
    endpoints,
    offers,
    redemptions,
    sign_up_rejected,
    sign_up_unmatched,
    watches,
)
from couponbus.events.base import PublishedEvent

# A class registers itself when its module is imported.
CONTRACTS = (
    barcodes,
    endpoints,
    offers,
    redemptions,
    sign_up_rejected,
    sign_up_unmatched,
    watches,
)


def published_sources() -> list[str]:
    """Return the `source` of each event that couponbus may put on the bus."""
    registered = PublishedEvent.registry.values()
    return sorted({origin for event in registered for origin in event.origins()})


def published_detail_types() -> list[str]:
    """Return the `detail-type` of each event that couponbus may put on the bus."""
    return sorted(PublishedEvent.registry)
