"""What must outlive every deployment: the ledger and the secrets."""

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.config import StageConfig
from infra.names import Names

DUE_INDEX = "due"
SIGNUPS_INDEX = "signups"
PEPPER_LENGTH = 64


class State(Stack):
    """The table with its stream and indexes, one secret per Coniq account, and the pepper."""

    def __init__(self, scope: Construct, id_: str, *, stage: StageConfig, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
        self.table = self._table(stage, names)
        self.account_secrets = {
            account.name: self._key_of(account.name, stage, names) for account in stage.accounts
        }
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
        for name in self.account_secrets:
            CfnOutput(self, f"{name.title()}SecretName", value=names.secret(f"coniq/{name}"))

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
        return table

    def _key_of(self, account: str, stage: StageConfig, names: Names) -> secretsmanager.Secret:
        """Return a secret with a placeholder of the right shape; an operator puts the key in."""
        return secretsmanager.Secret(
            self,
            f"Coniq{account.title()}",
            secret_name=names.secret(f"coniq/{account}"),
            description=f'API key of the Coniq account {account}: {{"api_key": ...}}',
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}",  # noqa: S106 - an empty object, not a secret
                generate_string_key="api_key",
                exclude_punctuation=True,
            ),
            removal_policy=stage.removal,
        )


def _key(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
