"""Forged, replayed and foreign events get nowhere: IAM refuses them, or nothing is made of them."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from couponbus.domain.issuing.issuance import Issuance
from couponbus.events.base import PublishedEvent
from couponbus.usecases.publishing.event_mapping import announcement
from couponbus_sandbox.demo.rows import rows_of
from events.contracts import contracts
from events.examples import EXAMPLES
from tests.e2e.engine.laboratory import until
from tests.e2e.inbox import Inbox
from tests.e2e.permissions import PUBLISHERS, assumed, is_allowed, role_of, without
from tests.e2e.product import Customer, Json, Product, any_customer, sign_up
from tests.e2e.subscribing import added, issued, requests

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

OURS = [
    (source, each.detail_type, EXAMPLES[each.name])
    for each in contracts()
    if each.direction == "published" and each.detail_type is not None
    for source in each.sources
]
SHOP = "couponbus-local-shop"  # the one producer in the bus's policy of this stage
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "events:*", "Resource": "*"}],
}
TOO_LATE = 901  # SQS refuses a longer delay than 900 seconds, after IAM has let the call pass


def entry(
    product: Product, source: str, detail_type: str, detail: Mapping[str, object]
) -> "PutEventsRequestEntryTypeDef":
    return {
        "EventBusName": product.stack.bus,
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
    }


def forge(product: Product, source: str, detail_type: str, detail: Mapping[str, object]) -> None:
    """Put an event as the account's administrator, who is above the bus's policy here."""
    event = entry(product, source, detail_type, detail)
    assert product.stack.access.events().put_events(Entries=[event])["FailedEntryCount"] == 0


@pytest.fixture
def shop(product: Product) -> Iterator[str]:
    """Return the ARN of a producer's role; it has no policy of its own."""
    iam = product.stack.access.session.client("iam", **product.stack.access.where)
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made = iam.create_role(RoleName=SHOP, AssumeRolePolicyDocument=document)
    yield made["Role"]["Arn"]
    for name in iam.list_role_policies(RoleName=SHOP)["PolicyNames"]:
        iam.delete_role_policy(RoleName=SHOP, PolicyName=name)
    iam.delete_role(RoleName=SHOP)


def bus_of(role: str, product: Product) -> "EventBridgeClient":
    access = product.stack.access
    return access.session.client("events", **assumed(role, access=access))


def may_put(bus: "EventBridgeClient", *entries: "PutEventsRequestEntryTypeDef") -> bool:
    return is_allowed(lambda: bus.put_events(Entries=entries))


def test_a_producer_puts_sign_ups_of_its_own_sources_and_nothing_else(
    product: Product, shop: str
) -> None:
    who, bus = any_customer(), bus_of(shop, product)
    good = entry(product, "shop.test", "CustomerSignedUp", sign_up(who))
    foreign_source = entry(product, "till.test", "CustomerSignedUp", sign_up(who))
    foreign_type = entry(product, "shop.test", "BarcodeIssued", EXAMPLES["BarcodeIssued"])

    for bad in (foreign_source, foreign_type, *(entry(product, *event) for event in OURS)):
        assert not may_put(bus, bad)
        assert not may_put(bus, good, bad)
    assert may_put(bus, good)
    product.until_received("BarcodeIssued", who.signup_id)


def test_a_role_that_may_do_everything_puts_no_event_of_ours(product: Product, shop: str) -> None:
    iam = product.stack.access.session.client("iam", **product.stack.access.where)
    iam.put_role_policy(
        RoleName=SHOP, PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING)
    )
    bus = bus_of(shop, product)

    allowed = [event for event in OURS if may_put(bus, entry(product, *event))]

    assert allowed == []
    assert may_put(bus, entry(product, "other.test", "Unknown", {}))


def test_only_the_publishers_put_events_of_ours_and_send_to_fan_out(product: Product) -> None:
    roles = {one: role_of(one, stack=product.stack) for one in product.stack.functions}
    malformed = entry(product, "couponbus.barcodes", "BarcodeIssued", {})
    malformed["Detail"] = "{"

    def may_send(role: str) -> bool:
        access, queue = product.stack.access, product.stack.queues["notifications"]
        sqs = access.session.client("sqs", **assumed(role, access=access))
        return is_allowed(
            lambda: sqs.send_message(QueueUrl=queue, MessageBody="{}", DelaySeconds=TOO_LATE)
        )

    putting = {one for one, role in roles.items() if may_put(bus_of(role, product), malformed)}
    sending = {one for one, role in roles.items() if may_send(role)}

    assert putting == sending == set(PUBLISHERS)


def test_no_forged_event_of_any_type_becomes_a_webhook_or_a_sign_up(
    product: Product, inbox: Inbox
) -> None:
    added(product, inbox, events=())
    stranger = any_customer()
    ids = [str(uuid.uuid4()) for _ in OURS]

    for (source, detail_type, detail), id_ in zip(OURS, ids, strict=True):
        forge(product, source, detail_type, with_id(detail, id_))
    forge(product, "couponbus.barcodes", "CustomerSignedUp", sign_up(stranger))
    requests(product, inbox, issued(product))

    assert [id_ for id_ in ids if inbox.about(id_)] == []
    assert product.numbers(stranger) == []
    until(lambda: {one.event_id for one in product.events()} >= set(ids))


def test_a_forged_event_with_the_id_of_a_true_one_to_come_does_not_swallow_it(
    product: Product, inbox: Inbox
) -> None:
    added(product, inbox)
    forged, who = any_customer(), any_customer()
    with without("events:PutEvents", *PUBLISHERS, stack=product.stack):
        product.put_events(sign_up(who))
        event = until(lambda: event_of(product, who))
        assert event is not None
        detail = json.loads(event.model_dump_json())
        # The ids of events that are still to come can be computed.
        detail["data"]["signup_id"] = forged.signup_id
        forge(product, "couponbus.barcodes", "BarcodeIssued", detail)
        product.tick_for(seconds=6.0)
    product.lose_workers()
    product.until_received("BarcodeIssued", who.signup_id)

    (request,) = requests(product, inbox, who)

    assert json.loads(request.body)["metadata"]["id"] == event.metadata.id
    assert product.received("BarcodeIssued", forged.signup_id) != []
    assert inbox.about(forged.signup_id) == []


def test_an_event_that_comes_again_is_delivered_once_and_one_that_says_else_is_put_aside(
    product: Product, inbox: Inbox
) -> None:
    added(product, inbox)
    who = issued(product)
    (request,) = requests(product, inbox, who)
    event = event_of(product, who)
    assert event is not None
    true = notification_of(event)
    contradicting = notification_of(event, program="another")
    letters: list[str] = []

    product.queue_up(true, true, contradicting, queue="notifications")
    forge(product, event.origin, event.detail_type, json.loads(event.model_dump_json()))

    def put_aside() -> list[str]:
        letters.extend(product.take("quarantine"))
        return [each for each in letters if event.metadata.id in each]

    (letter,) = map(json.loads, until(put_aside))
    requests(product, inbox, issued(product))
    assert letter["reason"] == "contradicted"
    assert product.counts("fan_out_webhooks", "ContradictedEvents") == [1]
    assert inbox.about(who.signup_id) == [request]


def test_an_event_of_a_tenant_reaches_no_endpoint_of_another(
    product: Product, inbox: Inbox, second_inbox: Inbox
) -> None:
    added(product, inbox, "--scope", "barcode:read", events=())
    added(product, second_inbox, "--scope", "barcode:read", "--tenant", "rival", events=())

    ours, theirs = issued(product), issued(product, tenant="rival")

    own, rivals = requests(product, inbox, ours), requests(product, second_inbox, theirs)
    assert [len(own), len(rivals)] == [1, 1]
    assert (inbox.about(theirs.signup_id), second_inbox.about(ours.signup_id)) == ([], [])


def test_a_number_goes_to_its_own_tenant_even_when_an_event_of_another_names_it(
    product: Product, second_inbox: Inbox
) -> None:
    added(product, second_inbox, "--scope", "barcode:read", "--tenant", "rival")
    who = issued(product)
    event = event_of(product, who)
    assert event is not None
    detail = json.loads(event.model_dump_json())
    stolen = {**detail["metadata"], "tenant": "rival", "id": str(uuid.uuid4())}

    product.queue_up(notification(event, {**detail, "metadata": stolen}), queue="notifications")
    (request,) = requests(product, second_inbox, who)

    assert json.loads(request.body)["data"]["barcode_number"] is None
    assert [number for number in product.numbers(who) if number in request.body.decode()] == []


def with_id(detail: Mapping[str, object], id_: str) -> Json:
    metadata = detail["metadata"]
    assert isinstance(metadata, dict)
    return {**detail, "metadata": {**metadata, "id": id_}}


def event_of(product: Product, who: Customer) -> PublishedEvent | None:
    """Return the event of a customer's barcode, as a publisher makes it."""
    rows = [row for row in rows_of(product.stack) if isinstance(row, Issuance)]
    mine = [row for row in rows if row.signup_id == who.signup_id and row.barcode is not None]
    return announcement(mine[0]) if mine else None


def notification_of(event: PublishedEvent, **changed: object) -> str:
    """Return what a publisher sends to fan-out, with other facts."""
    detail = json.loads(event.model_dump_json())
    return notification(event, {**detail, "data": {**detail["data"], **changed}})


def notification(event: PublishedEvent, detail: Json) -> str:
    message = {"source": event.origin, "detail-type": event.detail_type, "detail": detail}
    return json.dumps([message])
