"""On the local engine the statements of the ledger do what single puts do; no others are run."""

import pytest
from botocore.exceptions import ClientError

from tests.e2e.engine.laboratory import Laboratory, role, table
from tests.e2e.permissions import assumed, is_allowed
from tests.integration.aws.ledger.histories import alone, histories, left_by, together

ROUNDS = 4
KEYS = {
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
    ],
}


def streamed(laboratory: Laboratory, name: str) -> list[object]:
    """Return what the stream of a table shows, from its beginning on."""
    access = laboratory.access
    arn = access.dynamodb().describe_table(TableName=name)["Table"]["LatestStreamArn"]
    streams = access.session.client("dynamodbstreams", **access.where)
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    images = [record["dynamodb"] for record in records]
    return [(each.get("OldImage"), each["NewImage"]) for each in images]


def test_a_history_of_all_kinds_leaves_the_same_items_conflicts_and_stream_as_single_puts(
    laboratory: Laboratory,
) -> None:
    kind = table(**KEYS, StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"})
    stack = laboratory.deploy({"Alone": kind, "Together": kind})
    client, batches = laboratory.access.dynamodb(), histories(rounds=ROUNDS)
    names = [laboratory.physical(stack, each) for each in ("Alone", "Together")]

    puts, statements = [
        left_by(batches, write=write, client=client, table=name)
        for write, name in zip((alone, together), names, strict=True)
    ]

    assert statements == puts
    assert sum(map(len, puts[0])) > 10
    shown, also_shown = [streamed(laboratory, name) for name in names]
    assert also_shown == shown
    assert len(shown) > len(puts[1])


@pytest.mark.parametrize(
    "text",
    [
        'DELETE FROM "any" WHERE "pk"=? AND "sk"=?',
        'UPDATE "any" SET "note"=? WHERE "pk"=? AND "sk"=?',
    ],
)
def test_any_other_statement_is_refused(laboratory: Laboratory, text: str) -> None:
    parameters = [{"S": "any"}] * text.count("?")

    with pytest.raises(ClientError, match="no such statement"):
        laboratory.access.dynamodb().batch_execute_statement(
            Statements=[{"Statement": text, "Parameters": parameters}]
        )


def test_a_statement_needs_the_permission_of_its_own_kind(laboratory: Laboratory) -> None:
    stack = laboratory.deploy(
        {
            "Table": table(**KEYS),
            "Inserts": role(("dynamodb:PartiQLInsert", "*")),
            "Puts": role(("dynamodb:PutItem", "*"), ("dynamodb:UpdateItem", "*")),
        }
    )
    name = laboratory.physical(stack, "Table")
    insertion = f"""INSERT INTO "{name}" VALUE {{'pk':?,'sk':?}}"""
    update = f'UPDATE "{name}" SET "note"=? WHERE "pk"=? AND "sk"=? AND "revision"=?'

    def may(who: str, text: str) -> bool:
        arn = f"arn:aws:iam::000000000000:role/{laboratory.physical(stack, who)}"
        client = laboratory.access.session.client(
            "dynamodb", **assumed(arn, access=laboratory.access)
        )
        parameters = [{"S": "any"}] * text.count("?")
        return is_allowed(
            lambda: client.batch_execute_statement(
                Statements=[{"Statement": text, "Parameters": parameters}]
            )
        )

    assert [may("Inserts", insertion), may("Inserts", update)] == [True, False]
    assert [may("Puts", insertion), may("Puts", update)] == [False, False]
