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


def test_a_history_of_all_kinds_leaves_the_same_items_and_conflicts_as_single_puts(
    laboratory: Laboratory,
) -> None:
    stack = laboratory.deploy({"Alone": table(**KEYS), "Together": table(**KEYS)})
    client, batches = laboratory.access.dynamodb(), histories(rounds=ROUNDS)

    puts, statements = [
        left_by(batches, write=write, client=client, table=laboratory.physical(stack, name))
        for write, name in ((alone, "Alone"), (together, "Together"))
    ]

    assert statements == puts
    assert sum(map(len, puts[0])) > 10


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
