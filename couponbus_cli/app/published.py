"""Detail types of the events that couponbus publishes."""

from couponbus.events import (
    barcodes,
    endpoints,
    offers,
    redemptions,
    sign_up_rejected,
    watches,
)
from couponbus.events.base import PublishedEvent

# A class registers itself when its module is imported.
CONTRACTS = (barcodes, endpoints, offers, redemptions, sign_up_rejected, watches)


def contracts() -> list[type[PublishedEvent]]:
    """Return the classes of all events that reach subscribers and the bus."""
    return [PublishedEvent.registry[name] for name in detail_types()]


def detail_types() -> list[str]:
    """Return all of them, in alphabetical order."""
    return sorted(PublishedEvent.registry)
