"""The secrets, which outlive every deployment."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, SecretValue, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from couponbus_config.accounts import ConiqAccount, KouponAccount, UniqodoAccount
from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra.constructs.account_secret import CONIQ, KOUPON, UNIQODO, AccountSecret, Shape
from infra.constructs.generated_secret import GeneratedSecret
from infra.removal import removal_of

PEPPER_LENGTH = 64
CALLER_LENGTH = 44

type Accounts = Sequence[ConiqAccount | UniqodoAccount | KouponAccount]
type Secrets = dict[str, AccountSecret]


class State(Stack):
    """The secrets of accounts, callers and endpoints, and the pepper."""

    def __init__(self, scope: Construct, id_: str, *, stage: StageConfig, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
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
        CfnOutput(self, "SignUpsSecretName", value=self.sign_ups_secret.plain_name)

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
