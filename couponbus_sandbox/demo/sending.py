"""Sends sign-ups through the bus, ten in a call, as a shop would."""

import contextlib
from collections.abc import Iterator, Sequence
from itertools import batched

from couponbus_sandbox.local.stack import LocalStack

ENTRIES_PER_CALL = 10
# Lambda takes no lower maximum, and the stages have it.
LEAST_AT_ONCE = 2
SOURCE = "shop.demo"
DETAIL_TYPE = "CustomerSignedUp"


class BusRefused(Exception):
    """The bus did not take an event."""


def send(stack: LocalStack, details: Sequence[str]) -> Iterator[int]:
    """Put the sign-ups on the bus; yield after each call how many the bus accepted.

    Raise BusRefused.
    """
    client = stack.access.events()
    for chunk in batched(details, ENTRIES_PER_CALL, strict=False):
        answer = client.put_events(
            Entries=[
                {
                    "EventBusName": stack.bus,
                    "Source": SOURCE,
                    "DetailType": DETAIL_TYPE,
                    "Detail": detail,
                }
                for detail in chunk
            ]
        )
        if answer["FailedEntryCount"]:
            raise BusRefused(f"the bus refused {answer['FailedEntryCount']} events")
        yield len(chunk)


@contextlib.contextmanager
def held_back(stack: LocalStack, *, collectors: int) -> Iterator[None]:
    """Disable the worker's trigger inside the block, so that sign-ups queue up.

    Afterwards as many batches are handled at once as are collected.
    """
    client = stack.access.functions()
    name = f"{stack.functions['issue_barcodes']}:live"
    [mapping] = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        client.update_event_source_mapping(
            UUID=mapping["UUID"],
            Enabled=True,
            ScalingConfig={"MaximumConcurrency": max(collectors, LEAST_AT_ONCE)},
        )
