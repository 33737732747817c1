"""Invalid messages block no other message."""

import json

from tests.e2e.engine.laboratory import until
from tests.e2e.product import Product, any_customer, sign_up


def test_bad_messages_are_put_aside_and_the_good_ones_of_their_batch_are_issued(
    product: Product,
) -> None:
    first, second, wrong = any_customer(), any_customer(), any_customer()
    records: list[str] = []

    product.queue_up(
        json.dumps(sign_up(first)),
        "{this is not JSON",
        json.dumps(sign_up(wrong, occurred_at="2126-01-31T12:00:00Z")),
        in_notification(json.dumps([sign_up(second)])),
    )
    for each in (first, second):
        product.until_received("BarcodeIssued", each.signup_id)
    rejected = product.until_received("SignUpRejected", wrong.signup_id)

    def both() -> bool:
        records.extend(product.take("quarantine"))
        return len(records) >= 2

    until(both)
    read = {record["reason"]: record for record in map(json.loads, records)}
    assert read.keys() == {"not_json", "schema"}
    assert (read["not_json"]["signup_id"], read["schema"]["signup_id"]) == (None, wrong.signup_id)
    assert rejected["reason"] == "schema"
    assert "2126" not in json.dumps([records, rejected])
    assert product.numbers(wrong) == []
    assert product.take("unidentified") == ["{this is not JSON"]


def in_notification(message: str) -> str:
    """Return what SNS sends to a queue without raw delivery."""
    topic = "arn:aws:sns:eu-west-1:111122223333:sign-ups"
    return json.dumps({"Type": "Notification", "TopicArn": topic, "Message": message})
