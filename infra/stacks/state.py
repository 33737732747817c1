"""What must outlive every deployment: the ledger and the secrets."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.config import ConiqAccount, KouponAccount, StageConfig, UniqodoAccount
from infra.constructs.account_secret import CONIQ, KOUPON, UNIQODO, AccountSecret, Shape
from infra.names import Names

DUE_INDEX = "due"
SIGNUPS_INDEX = "signups"
COHORTS_INDEX = "cohorts"
ENDS_INDEX = "ends"
# A watch is polled by what the index tells of it: its row need not be read.
POLLED = ["promotion", "user_id", "digest"]
PEPPER_LENGTH = 64

type Accounts = Sequence[ConiqAccount | UniqodoAccount | KouponAccount]
type Secrets = dict[str, secretsmanager.Secret]


class State(Stack):
    """The table with its stream and indexes, one secret per account, and the pepper."""

    def __init__(self, scope: Construct, id_: str, *, stage: StageConfig, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
        self.table = self._table(stage, names)
        self.account_secrets = self._secrets(CONIQ, stage.accounts, stage, names)
        self.uniqodo_secrets = self._secrets(UNIQODO, stage.uniqodo_accounts, stage, names)
        self.koupon_secrets = self._secrets(KOUPON, stage.koupon_accounts, stage, names)
        self.pepper = secretsmanager.Secret(
            self,
            "Pepper",
            secret_name=names.secret("pepper"),
            description="Keys the pseudonyms of customers; a new value would change them all",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=PEPPER_LENGTH, exclude_punctuation=True
            ),
            removal_policy=stage.removal,
        )
        CfnOutput(self, "TableName", value=self.table.table_name)

    def _table(self, stage: StageConfig, names: Names) -> dynamodb.Table:
        table = dynamodb.Table(
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
            deletion_protection=stage.removal is RemovalPolicy.RETAIN,
            removal_policy=stage.removal,
        )
        table.add_global_secondary_index(
            index_name=DUE_INDEX,
            partition_key=_key("due_shard"),
            sort_key=dynamodb.Attribute(name="due_at", type=dynamodb.AttributeType.NUMBER),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        table.add_global_secondary_index(
            index_name=SIGNUPS_INDEX,
            partition_key=_key("signup"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        _add_watches_by(table, COHORTS_INDEX, partition="cohort", sort="place")
        _add_watches_by(table, ENDS_INDEX, partition="end_cohort", sort="end_place")
        return table

    def _secrets(
        self, shape: Shape, accounts: Accounts, stage: StageConfig, names: Names
    ) -> Secrets:
        """Return a secret for each account by its name, and tell an operator where it is."""
        made: Secrets = {}
        for account in accounts:
            secret = AccountSecret(
                self, shape=shape, account=account.name, names=names, removal=stage.removal
            )
            # Coniq's had their names before there was another provider.
            prefix = "" if shape is CONIQ else shape.provider
            CfnOutput(self, f"{prefix}{account.name.title()}SecretName", value=secret.plain_name)
            made[account.name] = secret
        return made


def _add_watches_by(table: dynamodb.Table, index: str, *, partition: str, sort: str) -> None:
    table.add_global_secondary_index(
        index_name=index,
        partition_key=_key(partition),
        sort_key=_key(sort),
        projection_type=dynamodb.ProjectionType.INCLUDE,
        non_key_attributes=POLLED,
    )


def _key(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
