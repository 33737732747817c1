"""A table of 100,000 rows that answers as DynamoDB does; each call counts."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import boto3
import botocore.session

from couponbus.aws.ledger.attention_index import ATTENTION_INDEX, PARTITIONS
from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.due_index import DUE_INDEX, shards_of
from couponbus.aws.ledger.history_index import (
    HISTORY_INDEX,
    PLACE_KEY,
    day_of,
    place_of,
    shards_of_day,
)
from couponbus.aws.ledger.moments import epoch_ms
from couponbus.aws.ledger.unmatched_index import UNMATCHED
from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import issuance_key
from couponbus.domain.outbox.backlog import TO_AUDIT, Attention, Backlog
from couponbus.domain.webhooks.endpoint import endpoint_key
from tests.factories import any_issuance
from tests.fakes.clock import NOON
from tests.unit.cli.webhooks import an_endpoint

PAGE = 10_000  # entries of an index in 1 MB
ROWS = 100_000
SETTINGS = {
    "CONIQ_ACCOUNTS": '[{"name": "main"}]',
    "UNIQODO_ACCOUNTS": '[{"name": "main", "calls_per_second": 2, "calls_per_day": 1000,'
    ' "max_interval_seconds": 3600}]',
    "KOUPON_ACCOUNTS": '[{"name": "main", "calls_per_second": 2, "calls_per_day": null,'
    ' "max_interval_seconds": 3600}]',
}

type Answer = tuple[object, Mapping[str, object]]
type Place = tuple[str, str]  # an index, and a partition of it


@dataclass(slots=True)
class LargeTable:
    """Answers the calls to the table and for the deployed accounts; the others go on to moto."""

    entries: dict[Place, list[Item]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def fill(self) -> None:
        """Have each backlog, the audit, the unmatched and the ambiguous ones overflow."""
        backlogs = (*Backlog, TO_AUDIT)
        for backlog in backlogs:
            shards = shards_of(backlog)
            for shard in shards:
                self._put(DUE_INDEX, shard, ROWS // len(backlogs) // len(shards))
        for partition in PARTITIONS[Attention.AMBIGUOUS]:
            self._put(ATTENTION_INDEX, partition, 500)
        self.entries[ATTENTION_INDEX, PARTITIONS[Attention.ENDPOINTS][0]] = [
            {"pk": {"S": endpoint_key(f"endpoint{number}")}} for number in range(250)
        ]
        unmatched = shards_of_day(UNMATCHED, day_of(NOON))
        for shard in unmatched:
            self._put(HISTORY_INDEX, shard, 30_000 // len(unmatched))

    def session(self, environment: Mapping[str, str]) -> boto3.Session:
        """Return a session whose clients ask this table."""
        core = botocore.session.get_session()
        core.register("before-call", self.answer)  # type: ignore[arg-type]
        return boto3.Session(botocore_session=core)

    def answer(self, *, params: Mapping[str, object], model: object, **_: object) -> Answer | None:
        """Answer a call, before it is sent."""
        name = str(getattr(model, "name"))  # noqa: B009 - botocore has no type for it
        self.calls[name] += 1
        if name == "GetTemplate":
            return _ok({"TemplateBody": {"Metadata": {"couponbus": SETTINGS}}})
        body = params["body"]
        if name == "Query":
            return _ok(self._queried(json.loads(cast("bytes", body))))
        if name == "BatchGetItem":
            return _ok(_read(json.loads(cast("bytes", body))))
        return _ok({}) if name == "GetItem" else None

    def _put(self, index: str, partition: str, number: int) -> None:
        self.entries[index, partition] = [
            {
                "pk": {"S": issuance_key(f"{partition}{each}")},
                "due_at": {"N": epoch_ms(NOON)},
                PLACE_KEY: {"S": f"{place_of(NOON)}#{each}"},
            }
            for each in range(number)
        ]

    def _queried(self, query: Mapping[str, object]) -> Mapping[str, object]:
        values = cast("Mapping[str, Mapping[str, str]]", query["ExpressionAttributeValues"])
        partition = next(iter(values.values()))["S"]
        found = self.entries.get((str(query.get("IndexName")), partition), [])
        start = cast("Mapping[str, Mapping[str, str]]", query.get("ExclusiveStartKey") or {})
        begin = int(start["place"]["N"]) if start else 0
        end = begin + min(cast("int", query.get("Limit", PAGE)), PAGE)
        more = {"LastEvaluatedKey": {"place": {"N": str(end)}}} if end < len(found) else {}
        return {"Items": found[begin:end], "Count": len(found[begin:end]), **more}


def _read(request: Mapping[str, Mapping[str, Mapping[str, Sequence[Item]]]]) -> dict[str, object]:
    [(table, asked)] = request["RequestItems"].items()
    keys = [key["pk"]["S"] for key in asked["Keys"]]
    return {"Responses": {table: [item for key in keys if (item := _item(key))]}}


def _item(key: str) -> Item | None:
    kind, _, id_ = key.partition("#")
    match kind:
        case "ISSUANCE":
            return encode(replace(any_issuance(), issuance_id=id_))
        case "ENDPOINT":
            return encode(an_endpoint(id_))
        case _:
            return None


def _ok(parsed: Mapping[str, object]) -> Answer:
    return SimpleNamespace(status_code=200), parsed
