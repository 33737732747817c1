"""Each write for a usual customer costs one unit: a row of more than 1 KB would cost two.

The names are as long as those of customers may be, and longer ones still have room.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from couponbus.aws.clock import RandomIds
from couponbus.aws.ledger.codec import encode
from couponbus.domain.copying import replace as changed
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.ports.shared import Conflict
from couponbus.usecases.messages import Message
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.integration.aws.sizes import size
from tests.unit.usecases.polling.polling_world import UNIQODO, PollingWorld, snapshot, use
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld
from tests.unit.usecases.world import PROGRAM, World

WRITE_UNIT = 1024
SIGN_UP, USER, CONSUMER = (f"01J1ZQ8Y7W3V5K9M2N4P6R8T{last}" for last in ("0A", "0B", "0C"))
CUSTOMER = {"coniq_customer_id": 40_001_234, "uniqodo_user_id": USER, "koupon_consumer": CONSUMER}
CODE = "SUMMER-4F7K-9Q2M"
TENANT, NAME = "acme-retail-group", "welcome-offer-summer-2026"
WELCOME = replace(PROGRAM, name=NAME, account="brand", watches=(UNIQODO,))
ROOM = 100


class RecordingLedger(UnreliableLedger):
    """Keeps each row that was to be written, with ids as long as those of a deployed stage."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[str, list[int]] = defaultdict(list)

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        self._measure(rows)
        return super().write(rows)

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        self._measure(rows)
        return super().write_together(rows)

    def _measure(self, rows: Sequence[Row]) -> None:
        for row in rows:
            billed = changed(row, write_id=RandomIds().new())
            if isinstance(billed, Issuance) and billed.claim_id is not None:
                billed = changed(billed, claim_id=RandomIds().new())
            self.sizes[_stage_of(row)].append(size(encode(billed)))


def _stage_of(row: Row) -> str:
    kind = row.key.partition("#")[0]
    if isinstance(row, EventRecord):
        return f"{kind} {row.detail_type}"
    stage = "published" if row.published and not row.unpublished else ""
    return " ".join(filter(None, (kind, str(getattr(row, "state", "")), stage)))


def sizes_of_a_usual_customer() -> Mapping[str, int]:
    """Return the largest row of each stage, from the sign-up to its webhooks."""
    ledger = RecordingLedger()
    signed_up = World(WELCOME, ledger=ledger)
    signed_up.clock.pass_time(0.123)
    detail = {
        "signup_id": SIGN_UP,
        "tenant": TENANT,
        "occurred_at": "2026-06-01T11:59:00.456Z",
        "customer": CUSTOMER,
        "consents": ["marketing"],
    }
    signed_up.handle(Message(message_id="m-1", body=json.dumps(detail)))
    signed_up.publish()
    polled = PollingWorld(WELCOME, ledger=ledger)
    polled.clock.pass_time(120.123)
    ends = polled.clock.now() + timedelta(days=20)
    polled.show(replace(snapshot(), code_ends=ends), user=USER)
    polled.sweep()
    polled.deliver()
    used = replace(use(at=polled.clock.now()), order_id="WEB-2026-0001234567", code=CODE)
    polled.show(replace(snapshot(used), code_ends=ends), user=USER)
    polled.pass_days(0.25)
    sent = WebhookWorld(ledger=ledger)
    sent.clock.pass_time(120.123)
    sent.has(sent.make("customer-data-platform", tenant=TENANT))
    sent.fan_out_and_deliver(*signed_up.bus.events, *polled.bus.events)
    return {stage: max(found) for stage, found in sorted(ledger.sizes.items())}


def test_no_stage_of_a_usual_customer_costs_a_second_write_unit() -> None:
    sizes = sizes_of_a_usual_customer()

    assert sizes.keys() >= {
        "BATCH",
        "ISSUANCE REQUESTED",
        "ISSUANCE ISSUED published",
        "WATCH STARTING",
        "WATCH ACTIVE",
        "REDEMPTION RECORDED",
        "EVENT BarcodeIssued",
        "EVENT RedemptionRecorded",
        "DELIVERY PENDING",
        "DELIVERY DELIVERED",
    }
    assert {stage: found for stage, found in sizes.items() if found > WRITE_UNIT - ROOM} == {}
