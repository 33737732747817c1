"""A secret with a generated value, which an operator hands to a caller."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from couponbus_config.names import Names


class GeneratedSecret(secretsmanager.Secret):
    """Letters and digits, named couponbus/<stage>/<part>; `plain_name` is that name.

    44 of them are also 33 bytes in base64, so that they can stand in a path, or sign.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        part: str,
        description: str,
        length: int,
        names: Names,
        removal: RemovalPolicy,
    ) -> None:
        self.plain_name = names.secret(part)
        super().__init__(
            scope,
            id_,
            secret_name=self.plain_name,
            description=description,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=length, exclude_punctuation=True
            ),
            removal_policy=removal,
        )
