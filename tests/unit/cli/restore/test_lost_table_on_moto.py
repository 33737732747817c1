"""A table that was deleted, with the real adapter: moto makes no backup of it by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from couponbus_cli.app.failing import Failed
from couponbus_cli.app.table_settings import settings_of
from couponbus_cli.restore.lost_table import ACTIVE, LostTable
from tests import factories
from tests.unit.cli.moto import Deployed, a_deployed_stage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        yield stage


@dataclass(frozen=True)
class BackedUpAsDeleted:
    """Moto's client, whose backups are those that DynamoDB makes of deleted tables."""

    client: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def list_backups(self, *, TableName: str, BackupType: str) -> Mapping[str, Any]:
        assert BackupType == "SYSTEM"
        found = self.client.list_backups(TableName=TableName)["BackupSummaries"]
        return {"BackupSummaries": [{**each, "BackupType": "SYSTEM"} for each in found]}

    def describe_backup(self, *, BackupArn: str) -> Mapping[str, Any]:
        found = self.client.describe_backup(BackupArn=BackupArn)["BackupDescription"]
        return {
            "BackupDescription": {
                **found,
                "BackupDetails": {**found["BackupDetails"], "BackupType": "SYSTEM"},
            }
        }


def back_up(deployed: Deployed) -> str:
    client, table = deployed.target.dynamodb(), deployed.target.table
    made = client.create_backup(TableName=table, BackupName="before")
    return made["BackupDetails"]["BackupArn"]


def delete(deployed: Deployed) -> None:
    deployed.target.dynamodb().delete_table(TableName=deployed.target.table)


def lost(deployed: Deployed) -> LostTable:
    client = cast("DynamoDBClient", BackedUpAsDeleted(deployed.target.dynamodb()))
    return LostTable(client=client, table=deployed.target.table)


def test_it_comes_back_as_it_was_deleted_and_is_completed_once(deployed: Deployed) -> None:
    row = factories.any_issuance()
    deployed.store(row)
    back_up(deployed)
    delete(deployed)
    table = lost(deployed)
    gone = table.remade()

    table.restore(None)
    there = table.remade()
    completed, again = table.complete("protected"), table.complete("protected")

    assert gone is None
    assert there is not None
    assert (there.status, there.outdated) == (ACTIVE, False)
    assert completed == ["stream", "TTL", "recovery", "protection"]
    assert again == []
    settings = settings_of(deployed.target.table, deployed.target.dynamodb())
    assert settings is not None
    assert settings.stream is not None
    assert (settings.ttl, settings.recovery, settings.protection) == (True, True, True)
    assert deployed.read(row).key == row.key


def test_another_backup_lacks_the_last_hours(deployed: Deployed) -> None:
    arn = back_up(deployed)
    delete(deployed)
    table = LostTable(client=deployed.target.dynamodb(), table=deployed.target.table)

    table.restore(arn)

    there = table.remade()
    assert there is not None
    assert there.outdated


def test_a_table_that_is_there_is_not_taken_for_a_restored_one(deployed: Deployed) -> None:
    with pytest.raises(Failed, match="was not restored"):
        lost(deployed).remade()


def test_without_a_backup_nothing_is_restored(deployed: Deployed) -> None:
    delete(deployed)

    with pytest.raises(Failed, match="no backup"):
        lost(deployed).restore(None)
