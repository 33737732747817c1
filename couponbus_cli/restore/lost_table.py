"""A table that was deleted, made again under its own name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from couponbus_cli.app.failing import Failed
from couponbus_cli.app.table_settings import described, settings_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WaiterConfigTypeDef

type Protection = Literal["protected", "unprotected"]

AS_IT_WAS: Final = "SYSTEM"  # the backup that DynamoDB makes of a table as it is deleted
ACTIVE = "ACTIVE"
EXPIRY = "ttl"
UPDATES: "WaiterConfigTypeDef" = {"Delay": 2, "MaxAttempts": 60}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A table that was restored: its status, the moment that it is of, and whether it lost hours.

    A table that is not `outdated` has all that the deleted one had.
    """

    status: str
    to: datetime
    outdated: bool


class LostTable:
    """The stage's table, and its backups."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        """`table` is the name under which it is made again."""
        self._client = client
        self._table = table

    def remade(self) -> Remade | None:
        """Return the restored table, None where there is none.

        Raises ClientError, and Failed for a table that is there and was not restored.
        """
        found = described(self._table, self._client)
        if found is None:
            return None
        summary = found.get("RestoreSummary")
        if summary is None:
            text = (
                f"{self._table} is there and was not restored: for an earlier time of it begin with"
                " `couponbus restore begin`"
            )
            raise Failed(text, kind="not_lost")
        source = summary.get("SourceBackupArn")
        return Remade(
            status=found.get("TableStatus", ""),
            to=summary["RestoreDateTime"],
            outdated=source is None or self._kind_of(source) != AS_IT_WAS,
        )

    def restore(self, backup: str | None) -> None:
        """Begin to restore a backup, or the one of the table as it was deleted.

        Raises ClientError, Failed.
        """
        self._client.restore_table_from_backup(
            TargetTableName=self._table, BackupArn=backup or self._last_backup()
        )

    def complete(self, protection: Protection) -> Sequence[str]:
        """Set what the table lacks, and return what that was. Raises ClientError, WaiterError."""
        settings = settings_of(self._table, self._client)
        if settings is None:
            raise Failed(f"{self._table} is not there any more", kind="not_there")
        lacking: Mapping[str, tuple[bool, Callable[[], object]]] = {
            "stream": (settings.stream is None, self._set_stream),
            "TTL": (not settings.ttl, self._set_expiry),
            "recovery": (not settings.recovery, self._set_recovery),
            "protection": (
                protection == "protected" and not settings.protection,
                self._set_protection,
            ),
        }
        wanted = {name: set_ for name, (is_lacking, set_) in lacking.items() if is_lacking}
        for set_ in wanted.values():
            set_()
            # DynamoDB refuses an update while another one is under way.
            waiter = self._client.get_waiter("table_exists")
            waiter.wait(TableName=self._table, WaiterConfig=UPDATES)
        return [*wanted]

    def _last_backup(self) -> str:
        listed = self._client.list_backups(TableName=self._table, BackupType=AS_IT_WAS)
        found = {
            each["BackupCreationDateTime"]: each["BackupArn"]
            for each in listed.get("BackupSummaries", [])
            if each.get("BackupType") == AS_IT_WAS
        }
        if not found:
            text = (
                f"DynamoDB has no backup of {self._table} as it was deleted: name another with"
                " --backup, or ask AWS for it"
            )
            raise Failed(text, kind="no_backup")
        return found[max(found)]

    def _kind_of(self, backup: str) -> str:
        answer = self._client.describe_backup(BackupArn=backup)["BackupDescription"]
        return answer["BackupDetails"]["BackupType"]

    def _set_stream(self) -> None:
        self._client.update_table(
            TableName=self._table,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )

    def _set_expiry(self) -> None:
        self._client.update_time_to_live(
            TableName=self._table,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRY},
        )

    def _set_recovery(self) -> None:
        self._client.update_continuous_backups(
            TableName=self._table,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )

    def _set_protection(self) -> None:
        self._client.update_table(TableName=self._table, DeletionProtectionEnabled=True)
