"""The table with its indexes, as the stack of the ledger describes it."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from couponbus.aws.ledger import history_index
from couponbus.aws.ledger.attention_index import ATTENTION_INDEX, ATTENTION_KEY
from couponbus.aws.ledger.codec import SIGNUP_INDEX
from couponbus.aws.ledger.due_index import DUE_INDEX
from couponbus.aws.polling.cohort_items import COHORT_INDEXES, PROJECTED, CohortIndex
from couponbus.aws.webhooks import event_log

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import (
        AttributeDefinitionTypeDef,
        CreateTableInputTypeDef,
        GlobalSecondaryIndexUnionTypeDef,
    )


def table_description(table: str) -> "CreateTableInputTypeDef":
    """Return the request that creates the table."""
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "due_shard", "AttributeType": "S"},
            {"AttributeName": "due_at", "AttributeType": "N"},
            {"AttributeName": "signup", "AttributeType": "S"},
            {"AttributeName": ATTENTION_KEY, "AttributeType": "S"},
            {"AttributeName": history_index.SHARD_KEY, "AttributeType": "S"},
            {"AttributeName": history_index.PLACE_KEY, "AttributeType": "S"},
            *_keys(COHORT_INDEXES.values()),
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": DUE_INDEX,
                "KeySchema": [
                    {"AttributeName": "due_shard", "KeyType": "HASH"},
                    {"AttributeName": "due_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                "IndexName": SIGNUP_INDEX,
                "KeySchema": [{"AttributeName": "signup", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                "IndexName": ATTENTION_INDEX,
                "KeySchema": [{"AttributeName": ATTENTION_KEY, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                "IndexName": history_index.HISTORY_INDEX,
                "KeySchema": [
                    {"AttributeName": history_index.SHARD_KEY, "KeyType": "HASH"},
                    {"AttributeName": history_index.PLACE_KEY, "KeyType": "RANGE"},
                ],
                "Projection": {
                    "ProjectionType": "INCLUDE",
                    "NonKeyAttributes": list(event_log.PROJECTED),
                },
            },
            *map(_by_cohort, COHORT_INDEXES.values()),
        ],
    }


def _keys(indexes: Iterable[CohortIndex]) -> "Iterator[AttributeDefinitionTypeDef]":
    for index in indexes:
        for name in (index.cohort, index.place):
            yield {"AttributeName": name, "AttributeType": "S"}


def _by_cohort(index: CohortIndex) -> "GlobalSecondaryIndexUnionTypeDef":
    return {
        "IndexName": index.name,
        "KeySchema": [
            {"AttributeName": index.cohort, "KeyType": "HASH"},
            {"AttributeName": index.place, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(PROJECTED)},
    }
