"""IAM is enforced on the deployed product, and nothing is lost while a permission is missing."""

import json
from collections.abc import Callable
from itertools import cycle, islice
from typing import TYPE_CHECKING

import pytest

from couponbus.aws.ledger.due_index import DUE_INDEX
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL
from infra.ledger_rights import RIGHTS
from tests.e2e.engine.laboratory import until
from tests.e2e.permissions import PUBLISHERS, as_function, is_allowed, without
from tests.e2e.product import Product, any_customer, sign_up

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SOON = 4.0


def test_a_sign_up_that_may_not_be_stored_is_not_issued_and_not_lost(product: Product) -> None:
    who = any_customer()
    failures = product.failures("issue_barcodes")

    with product.retry_sign_ups_after(seconds=2):
        with without("dynamodb:PutItem", "issue_barcodes", stack=product.stack):
            product.put_events(sign_up(who))
            until(lambda: product.failures("issue_barcodes") > failures)
            before = product.numbers(who)
        product.until_received("BarcodeIssued", who.signup_id)

    assert before == []
    assert len(product.numbers(who)) == 1


def test_an_event_that_may_not_be_published_is_published_later(product: Product) -> None:
    who = any_customer()

    with without("events:PutEvents", *PUBLISHERS, stack=product.stack):
        product.put_events(sign_up(who))
        until(lambda: product.numbers(who))
        product.tick_for(seconds=SOON)
        before = product.received("BarcodeIssued", who.signup_id)
    product.lose_workers()
    product.until_received("BarcodeIssued", who.signup_id)

    assert before == []
    assert (
        len({received.event_id for received in product.received("BarcodeIssued", who.signup_id)})
        == 1
    )


def test_a_sign_up_that_fails_again_and_again_ends_in_the_dead_letters_and_can_be_redriven(
    product: Product,
) -> None:
    who = any_customer()

    with product.retry_sign_ups_after(seconds=1, receives=2):
        with without("dynamodb:PutItem", "issue_barcodes", stack=product.stack):
            product.put_events(sign_up(who))
            dead = until(lambda: product.take("signups-dead"))
        product.queue_up(*dead)
        product.until_received("BarcodeIssued", who.signup_id)

    assert [json.loads(body)["detail"]["signup_id"] for body in dead] == [who.signup_id]
    assert len(product.numbers(who)) == 1


def test_a_message_that_names_foreign_rows_keeps_no_other_message_waiting(
    product: Product,
) -> None:
    who = any_customer()
    failures = {one: product.failures(one) for one in ("issue_barcodes", "poll_redemptions")}
    foreign = {"type": "ContinueWork", "keys": ["ENDPOINT#any", "RECEIPT#any", "STRANGE#any"]}

    product.queue_up(json.dumps(foreign), queue="polls")
    product.queue_up(json.dumps(foreign), json.dumps(sign_up(who)))

    product.until_received("BarcodeIssued", who.signup_id)
    assert {one: product.failures(one) for one in failures} == failures


KEYS = (
    *(f"{kind}#any" for kind in KINDS),
    *(f"PACE#{of}#any" for of in ("coniq", "uniqodo", "koupon", "webhook")),
    "PROGRAM",
    "COHORTS",
    "ACCOUNTS",
    "CALLBACKS#any",
)
STATEMENTS = (
    """INSERT INTO "{table}" VALUE {{'pk':?,'sk':?}}""",
    'UPDATE "{table}" SET "note"=? WHERE "pk"=? AND "sk"=? AND "revision"=?',
)
TOO_MANY = STATEMENTS_PER_CALL + 1
RECEIVES_ANYTHING = {"RECEIPT#any"}
SENDS_ANYWHERE = {"DELIVERY#any", "ENDPOINT#any", "PARKING#any", "PACE#webhook#any"}


def test_who_is_reached_from_outside_can_write_only_its_own_kinds_of_rows(
    product: Product,
) -> None:
    assert writable(product, "receive_callback") == RECEIVES_ANYTHING
    assert writable(product, "deliver_webhooks") == SENDS_ANYWHERE


def test_the_table_of_rights_has_every_function(product: Product) -> None:
    assert RIGHTS.keys() == product.stack.functions.keys()


@pytest.mark.parametrize("function", RIGHTS)
def test_each_role_is_denied_every_kind_of_row_that_is_not_in_its_line_of_the_table(
    product: Product, function: str
) -> None:
    rights = RIGHTS[function].of_table()
    table, dynamodb = product.stack.table, as_function(function, stack=product.stack)

    def call(action: str, key: str) -> Callable[[], object]:
        item = {"pk": {"S": key}, "sk": {"S": "ROW"}}
        match action:
            case "BatchGetItem":
                return lambda: dynamodb.batch_get_item(RequestItems={table: {"Keys": [item]}})
            case "GetItem":
                return lambda: dynamodb.get_item(TableName=table, Key=item)
            case "UpdateItem":
                return lambda: dynamodb.update_item(
                    TableName=table, Key=item, ConditionExpression="attribute_exists(nothing)"
                )
            case _:
                return lambda: dynamodb.query(
                    TableName=table,
                    KeyConditionExpression="pk = :key",
                    ExpressionAttributeValues={":key": {"S": key}},
                )

    for action in ("BatchGetItem", "GetItem", "UpdateItem", "Query"):
        allowed = {key for key in KEYS if is_allowed(call(action, key))}
        assert allowed == named_by(rights.get(action, ())), action
    assert writable(product, function) == named_by(rights.get("PutItem", ()))
    for text in STATEMENTS:
        allowed = {
            key for key in KEYS if is_allowed(execution(text, key, dynamodb=dynamodb, table=table))
        }
        assert allowed == named_by(RIGHTS[function].writes), text


def test_a_foreign_row_beside_an_own_one_is_denied_in_any_call_for_several(
    product: Product,
) -> None:
    table = product.stack.table
    dynamodb = as_function("receive_callback", stack=product.stack)
    keys = [{"pk": {"S": key}, "sk": {"S": "ROW"}} for key in ("RECEIPT#any", "ISSUANCE#any")]

    assert not is_allowed(lambda: dynamodb.batch_get_item(RequestItems={table: {"Keys": keys}}))
    for text in STATEMENTS:
        both = execution(text, "RECEIPT#any", "ISSUANCE#any", dynamodb=dynamodb, table=table)
        assert not is_allowed(both)
    assert not is_allowed(
        lambda: dynamodb.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": table,
                        "Item": key,
                        "ConditionExpression": "attribute_exists(nothing)",
                    }
                }
                for key in keys
            ]
        )
    )


def test_the_audit_is_denied_what_is_due_and_not_to_be_audited(product: Product) -> None:
    def due(shard: str, function: str) -> bool:
        dynamodb = as_function(function, stack=product.stack)
        return is_allowed(
            lambda: dynamodb.query(
                TableName=product.stack.table,
                IndexName=DUE_INDEX,
                KeyConditionExpression="due_shard = :shard",
                ExpressionAttributeValues={":shard": {"S": shard}},
            )
        )

    assert due("A", "audit_barcodes")
    assert not due("O0", "audit_barcodes")
    assert due("O0", "sweep_due")
    assert due("@shop", "sweep_due")
    assert not due("A", "sweep_due")
    assert not due("O0", "receive_callback")


def writable(product: Product, function: str) -> set[str]:
    """Return the keys of which a function may put an item; none is put."""
    dynamodb = as_function(function, stack=product.stack)

    def put(key: str) -> Callable[[], object]:
        return lambda: dynamodb.put_item(
            TableName=product.stack.table,
            Item={"pk": {"S": key}, "sk": {"S": "ROW"}},
            ConditionExpression="attribute_exists(nothing)",
        )

    return {key for key in KEYS if is_allowed(put(key))}


def execution(
    text: str, *keys: str, dynamodb: "DynamoDBClient", table: str
) -> Callable[[], object]:
    """Return a call that executes the statement for these keys; as too many it stores nothing."""
    statement = text.format(table=table)
    is_update = statement.startswith("UPDATE")
    return lambda: dynamodb.batch_execute_statement(
        Statements=[
            {
                "Statement": statement,
                "Parameters": [
                    *[{"S": "any note"}] * is_update,
                    *[{"S": key}, {"S": "ROW"}],
                    *[{"N": "1"}] * is_update,
                ],
            }
            for key in islice(cycle(keys), TOO_MANY)
        ]
    )


def named_by(patterns: tuple[str, ...]) -> set[str]:
    return {one.replace("*", "any") for one in patterns}
