"""Whatever a door admits ends issued, refused or put aside; nothing ends in the dead letters."""

import itertools
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.resolution import Resolution
from couponbus_sandbox.demo.rows import rows_of
from couponbus_sandbox.demo.waiting import tick
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Product
from tests.unit.usecases.issuing.admitted import drawn
from tests.unit.usecases.issuing.odd_sign_ups import cases, text_of

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

DRAWN = 60
AT_ONCE = 10
ENDS = {IssuanceState.ISSUED, IssuanceState.REJECTED}
LAST_STOPS = ("undelivered", "unpublished")


def test_whatever_is_admitted_ends_issued_refused_or_put_aside_and_no_batch_fails(
    product: Product,
) -> None:
    dead = [one for one in product.stack.queues if one.endswith("-dead") or one in LAST_STOPS]
    in_dead = {one: product.waiting(one) for one in dead}
    retried = {one: product.retried(one) for one in product.stack.functions}
    empty(product, "quarantine")
    before, letters = decided(product), set[str]()
    odd = [(one["via"], text_of(one)) for one in cases()]

    put(product, [json.dumps(one) for one in drawn(DRAWN)])
    put(product, [text for via, text in odd if "queue" not in via])
    queued = [text for via, text in odd if "queue" in via]
    for bodies in itertools.batched(queued, AT_ONCE, strict=False):
        product.queue_up(*bodies)

    def all_ended() -> bool:
        tick(product.stack)
        letters.update(product.take("quarantine"))
        return len(letters) + len(decided(product) - before) >= DRAWN + len(odd)

    until(all_ended, seconds=45)
    assert {one: product.waiting(one) for one in dead} == in_dead
    assert {one: product.retried(one) for one in retried} == retried
    empty(product, "unidentified")  # which the next tests look into


def empty(product: Product, queue: str) -> None:
    while product.take(queue):
        pass


def put(product: Product, details: Iterable[str]) -> None:
    """Put sign-ups on the bus, each as its producer wrote it."""
    entries: list[PutEventsRequestEntryTypeDef] = [
        {
            "EventBusName": product.stack.bus,
            "Source": "shop.test",
            "DetailType": "CustomerSignedUp",
            "Detail": detail,
        }
        for detail in details
    ]
    for some in itertools.batched(entries, AT_ONCE, strict=False):
        answer = product.stack.access.events().put_events(Entries=some)
        assert answer["FailedEntryCount"] == 0


def decided(product: Product) -> set[str]:
    """Return the keys of what is issued or refused, or waits until Coniq knows the customer."""
    return {
        row.key
        for row in rows_of(product.stack)
        if isinstance(row, Resolution) or (isinstance(row, Issuance) and row.state in ENDS)
    }
