"""The resources that outlive every deployment: the ledger and the secrets."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, SecretValue, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from couponbus_config.accounts import ConiqAccount, KouponAccount, UniqodoAccount
from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra.constructs.account_secret import CONIQ, KOUPON, UNIQODO, AccountSecret, Shape
from infra.constructs.generated_secret import GeneratedSecret
from infra.removal import removal_of

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
PEPPER_LENGTH = 64
CALLER_LENGTH = 44

type Accounts = Sequence[ConiqAccount | UniqodoAccount | KouponAccount]
type Secrets = dict[str, AccountSecret]


class State(Stack):
    """The table with its stream and indexes, the secrets of accounts and callers, the pepper."""

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
            removal_policy=removal_of(stage),
        )
        self.sign_ups_secret = GeneratedSecret(
            self,
            "SignUpsSecret",
            part="sign-ups",
            description="Signs what producers send to /sign-ups; several texts while it is rotated",
            length=CALLER_LENGTH,
            names=names,
            removal=removal_of(stage),
        )
        self.producer_secrets = self._producer_secrets(stage, names)
        self.callback_secrets = self._callback_secrets(stage, names)
        self.webhooks_secret = secretsmanager.Secret(
            self,
            "WebhooksSecret",
            secret_name=names.secret("webhooks"),
            description="The signing secrets of all endpoints; `couponbus endpoints` keeps it",
            # Set once: a deployment that does not change it keeps the secrets that were added.
            secret_string_value=SecretValue.unsafe_plain_text("{}"),
            removal_policy=removal_of(stage),
        )
        CfnOutput(self, "TableName", value=self.table.table_name)
        CfnOutput(self, "SignUpsSecretName", value=self.sign_ups_secret.plain_name)

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
            warm_throughput=_warm(stage),
            deletion_protection=stage.removal == "retain",
            removal_policy=removal_of(stage),
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
            table, HISTORY_INDEX, stage, keys=("history_hour", "history_place"), telling=MENTIONED
        )
        return table

    def _secrets(
        self, shape: Shape, accounts: Accounts, stage: StageConfig, names: Names
    ) -> Secrets:
        """Return a secret for each account by its id."""
        return {
            account.identity: AccountSecret(
                self, shape=shape, account=account.identity, names=names, removal=removal_of(stage)
            )
            for account in accounts
        }

    def _producer_secrets(self, stage: StageConfig, names: Names) -> dict[str, GeneratedSecret]:
        """Return the secret with which each producer signs, by its id."""
        return {
            each.identity: self._of_a_caller(
                f"{each.identity.title()}Producer",
                part=f"sign-ups/{each.identity}",
                description=f"Signs what the producer {each.identity} sends",
                stage=stage,
                names=names,
            )
            for each in stage.producers
        }

    def _callback_secrets(self, stage: StageConfig, names: Names) -> dict[str, GeneratedSecret]:
        """Return the secret in the path that each account calls, by the account's id."""
        return {
            each.identity: self._of_a_caller(
                f"{each.identity.title()}Callbacks",
                part=f"callbacks/{each.identity}",
                description=f"Stands in the path that the Uniqodo account {each.identity} calls",
                stage=stage,
                names=names,
            )
            for each in stage.uniqodo_accounts
        }

    def _of_a_caller(
        self, id_: str, *, part: str, description: str, stage: StageConfig, names: Names
    ) -> GeneratedSecret:
        """Return the secret of one that calls the HTTP API."""
        return GeneratedSecret(
            self,
            id_,
            part=part,
            description=description,
            length=CALLER_LENGTH,
            names=names,
            removal=removal_of(stage),
        )


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
