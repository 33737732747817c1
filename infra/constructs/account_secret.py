"""The secret of a provider account, with a placeholder until an operator puts the real one in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from couponbus_config.names import Names
from infra.constructs.generated_secret import arn_by_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a provider's secret looks like; the value of `generated` is made up."""

    provider: str
    what: str
    generated: str
    fixed: Mapping[str, str] = field(default_factory=dict)

    @property
    def described(self) -> str:
        """Return the object in the form that an operator writes."""
        return ", ".join(f'"{name}": ...' for name in (*self.fixed, self.generated))


CONIQ = Shape(provider="Coniq", what="API key", generated="api_key")
UNIQODO = Shape(provider="Uniqodo", what="API key", generated="api_key")
KOUPON = Shape(
    provider="Koupon",
    what="Identifier and secret",
    generated="secret",
    fixed={"identifier": "placeholder"},
)


class AccountSecret(secretsmanager.Secret):
    """Named couponbus/<stage>/<provider>/<account>; `plain_name` is that name.

    `readable` is what a policy names (`arn_by_name`).
    """

    def __init__(
        self, scope: Construct, *, shape: Shape, account: str, names: Names, removal: RemovalPolicy
    ) -> None:
        plain_name = names.secret(f"{shape.provider.lower()}/{account}")
        super().__init__(
            scope,
            f"{shape.provider}{account.title()}",
            secret_name=plain_name,
            description=(
                f"{shape.what} of the {shape.provider} account {account}: {{{shape.described}}}"
            ),
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps(dict(shape.fixed)),
                generate_string_key=shape.generated,
                exclude_punctuation=True,
            ),
            removal_policy=removal,
        )
        self.plain_name = plain_name
        self.readable = arn_by_name(self, plain_name)
