"""A secret with a generated value, which an operator hands to a caller."""

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from couponbus_config.names import Names


class GeneratedSecret(secretsmanager.Secret):
    """Letters and digits, named couponbus/<stage>/<part>; `plain_name` is that name.

    `readable` is what a policy names (`arn_by_name`). 44 letters and digits are also 33 bytes in
    base64, so that they can stand in a path, or sign.
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
        self.readable = arn_by_name(self, self.plain_name)


def arn_by_name(scope: Construct, name: str) -> str:
    """Return what a policy names instead of the ARN: six characters of it are known only to AWS.

    No other secret's ARN is like it, and a stack has 200 outputs, too few for a stack's secrets.
    """
    return Stack.of(scope).format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{name}-??????",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
