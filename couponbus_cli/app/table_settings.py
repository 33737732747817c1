"""What a table has beside its items, none of which a restore brings back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from couponbus.aws.ledger.errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

ABSENT = ("ResourceNotFoundException", "TableNotFoundException")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSettings:
    """Its present stream, and whether items expire, it can be restored, and not be deleted."""

    stream: str | None
    ttl: bool
    recovery: bool
    protection: bool


def described(table: str, client: "DynamoDBClient") -> "TableDescriptionTypeDef | None":
    """Return what DynamoDB says of a table, None where there is none. Raises ClientError."""
    try:
        return client.describe_table(TableName=table)["Table"]
    except ClientError as error:
        if code_of(error) in ABSENT:
            return None
        raise


def settings_of(table: str, client: "DynamoDBClient") -> TableSettings | None:
    """Return the settings of a table, None where there is none. Raises ClientError."""
    found = described(table, client)
    if found is None:
        return None
    ttl = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    backups = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    has_stream = found.get("StreamSpecification", {}).get("StreamEnabled", False)
    return TableSettings(
        stream=found.get("LatestStreamArn") if has_stream else None,
        ttl=ttl.get("TimeToLiveStatus") in ("ENABLED", "ENABLING"),
        recovery=recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        protection=found.get("DeletionProtectionEnabled", False),
    )
