"""The ledger, in a stack where nothing else can fail: a rollback cannot delete its table."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra.removal import keeps_data, removal_of_the_table

DUE_INDEX = "due"
SIGNUPS_INDEX = "signups"
COHORTS_INDEX = "cohorts"
ENDS_INDEX = "ends"
HISTORY_INDEX = "history"
ATTENTION_INDEX = "attention"
# Promotion, user and digest: what a poll of a watch needs, so that its row need not be read.
POLLED = ["pm", "ui", "di"]
# Tenant, detail type and customer, by which a replay selects events before it reads them.
MENTIONED = ["tn", "dt", "cr"]


class Ledger(Stack):
    """The table with its stream and indexes, and nothing else."""

    def __init__(self, scope: Construct, id_: str, *, stage: StageConfig, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
        self.table = table = dynamodb.Table(
            self,
            "Table",
            table_name=names.base,
            partition_key=_key("pk"),
            sort_key=_key("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            warm_throughput=_warm(stage),
            deletion_protection=keeps_data(stage),
            removal_policy=removal_of_the_table(stage),
        )
        table.add_global_secondary_index(
            index_name=DUE_INDEX,
            warm_throughput=_warm(stage),
            partition_key=_key("due_shard"),
            sort_key=dynamodb.Attribute(name="due_at", type=dynamodb.AttributeType.NUMBER),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        table.add_global_secondary_index(
            index_name=SIGNUPS_INDEX,
            warm_throughput=_warm(stage),
            partition_key=_key("signup"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        table.add_global_secondary_index(
            index_name=ATTENTION_INDEX,
            partition_key=_key("attention"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        _add_index(table, COHORTS_INDEX, stage, keys=("cohort", "place"), telling=POLLED)
        _add_index(table, ENDS_INDEX, stage, keys=("end_cohort", "end_place"), telling=POLLED)
        _add_index(
            table, HISTORY_INDEX, stage, keys=("history_shard", "history_place"), telling=MENTIONED
        )
        CfnOutput(self, "TableName", value=table.table_name)


def _add_index(
    table: dynamodb.Table,
    index: str,
    stage: StageConfig,
    *,
    keys: tuple[str, str],
    telling: list[str],
) -> None:
    partition, sort = keys
    table.add_global_secondary_index(
        index_name=index,
        warm_throughput=_warm(stage),
        partition_key=_key(partition),
        sort_key=_key(sort),
        projection_type=dynamodb.ProjectionType.INCLUDE,
        non_key_attributes=telling,
    )


def _warm(stage: StageConfig) -> dynamodb.WarmThroughput | None:
    units = stage.warm_write_units
    return dynamodb.WarmThroughput(write_units_per_second=units) if units else None


def _key(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
