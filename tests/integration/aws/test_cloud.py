"""The small AWS is cheap to make, and still answers as if everything were made for each test."""

from types import SimpleNamespace

import pytest

from couponbus.aws.clients import Clients
from couponbus.aws.ledger.attributes import Item
from tests.integration.aws.cheaper import is_wire_form
from tests.integration.aws.cloud import TABLE, Cloud, a_cloud
from tests.integration.aws.faults import Fault, broken, connect_timeout, faults_on, throttled
from tests.integration.aws.lending import LENDER

EVERY_KIND: Item = {
    "pk": {"S": "a"},
    "sk": {"S": "ROW"},
    "number": {"N": "1.50"},
    "bytes": {"B": b"\x00\xff"},
    "truth": {"BOOL": False},
    "nothing": {"NULL": True},
    "texts": {"SS": ["x", "y"]},
    "numbers": {"NS": ["1", "2"]},
    "parts": {"M": {"list": {"L": [{"S": ""}, {"M": {}}, {"L": []}]}, "bytes": {"B": b"z"}}},
}


def store(item: Item, *, cloud: Cloud) -> None:
    """Store it by a call that botocore serialises itself: our items hold no bytes."""
    cloud.clients.dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item}}]})


def suffering(fault: Fault | None) -> Clients:
    """Return the clients of a cloud in which a call had this fault."""
    with a_cloud() as cloud, faults_on(cloud.clients.dynamodb) as script:
        script.will(*([] if fault is None else [fault]))
        cloud.clients.dynamodb.list_tables()
        return cloud.clients


def test_clients_are_used_again() -> None:
    assert suffering(None) is suffering(None)


@pytest.mark.parametrize("fault", [throttled, broken, connect_timeout])
def test_clients_that_have_suffered_are_not(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))

    assert suffering(fault) is not suffering(None)


def test_lent_clients_are_not_shared() -> None:
    with LENDER.lent() as ours, LENDER.lent() as others:
        assert ours is not others


def test_nothing_is_left_of_the_cloud_before() -> None:
    with a_cloud() as cloud:
        store(EVERY_KIND, cloud=cloud)
    with a_cloud() as cloud:
        assert cloud.clients.dynamodb.scan(TableName=TABLE)["Items"] == []
        assert len(cloud.clients.sqs.list_queues()["QueueUrls"]) == 2


def test_values_of_every_kind_come_back_as_they_were(cloud: Cloud) -> None:
    client = cloud.clients.dynamodb
    store(EVERY_KIND, cloud=cloud)

    key = {"pk": EVERY_KIND["pk"], "sk": EVERY_KIND["sk"]}
    got = client.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]
    scanned = client.scan(TableName=TABLE, ConsistentRead=True)["Items"]

    assert got == EVERY_KIND
    assert scanned == [EVERY_KIND]


@pytest.mark.parametrize(
    "value",
    [{"B": "AA=="}, {"S": 1}, {"N": 1}, {"M": {"x": {"S": None}}}, {"L": [b"x"]}, {}, None, "x"],
)
def test_what_is_not_in_wire_form_is_left_to_moto(value: object) -> None:
    assert not is_wire_form(value)
