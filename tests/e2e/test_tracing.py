"""One trace id from a sign-up to a webhook, on the deployed product."""

import json
from typing import cast

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.domain.trace import trace_id_in
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus_sandbox.demo.rows import rows_of
from tests.e2e.engine.laboratory import until
from tests.e2e.inbox import Inbox
from tests.e2e.product import Json, Product, any_customer, sign_up
from tests.e2e.subscribing import added, couponbus_json, requests
from tests.e2e.watching import Watching

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
EVENTS = ("--events", "BarcodeIssued,RedemptionRecorded")
TRACED = (Issuance, Watch, RecordedRedemption, EventRecord)
WORKERS = {"issue_barcodes", "poll_redemptions", "fan_out_webhooks", "deliver_webhooks"}
PUBLISHERS = {"publish_events", "sweep_due"}  # one of both is faster


def of_sign_up(product: Product, signup_id: str) -> list[Row]:
    rows = [row for row in rows_of(product.stack) if isinstance(row, TRACED)]
    return [row for row in rows if _sign_up_of(row) == signup_id]


def _sign_up_of(row: Issuance | Watch | RecordedRedemption | EventRecord) -> object:
    return row.data.get("signup_id") if isinstance(row, EventRecord) else row.signup_id


def logged(product: Product, query: str) -> list[Json]:
    return cast("list[Json]", couponbus_json(product, "logs", query)["lines"])


def functions_of(lines: list[Json]) -> set[object]:
    return {line["function"] for line in lines}


def test_what_follows_from_a_sign_up_has_its_trace_id_in_rows_events_webhooks_and_logs(
    product: Product, inbox: Inbox
) -> None:
    added(product, inbox, events=EVENTS)
    watching, who = Watching(product), any_customer()
    customer = {"coniq_customer_id": who.customer_id, **watching.with_code(who)}
    product.put_events(sign_up(who, kind="watched", customer=customer, traceparent=TRACEPARENT))
    watching.until_watched(who.signup_id)
    requests(product, inbox, who)  # before the clock is moved: a sender at work would give up
    watching.redeem_at_uniqodo(who)
    watching.pass_time()
    sent = requests(product, inbox, who, number=2)

    def of_all_functions() -> list[Json]:
        lines = logged(product, TRACE)
        functions = functions_of(lines)
        return lines if functions >= WORKERS and functions & PUBLISHERS else []

    by_trace, by_sign_up = until(of_all_functions), logged(product, who.signup_id)
    rows = of_sign_up(product, who.signup_id)
    why = cast("list[Json]", couponbus_json(product, "why", TRACE)["rows"])

    assert {type(row) for row in rows} == set(TRACED)
    assert {getattr(row, "trace_id", None) for row in rows} == {TRACE}
    assert {trace_id_in(one.headers["traceparent"]) for one in sent} == {TRACE}
    assert {json.loads(one.body)["metadata"]["trace_id"] for one in sent} == {TRACE}
    assert functions_of(by_trace) <= WORKERS | PUBLISHERS
    assert [line["at"] for line in by_trace] == sorted(str(line["at"]) for line in by_trace)
    assert all(line in by_sign_up for line in by_trace)  # another one may have come meanwhile
    assert {row.key for row in rows} <= {story["key"] for story in why}
    assert {story["trace_id"] for story in why} == {TRACE}
