"""The HTTP API of a local stack, and its secrets."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.stacks import Resource

API = "AWS::ApiGatewayV2::Api"
SIGN_UPS_SECRET = "couponbus/local/sign-ups"  # noqa: S105 - a name, not a secret
HINTS_SECRET = "couponbus/local/callbacks/main"  # noqa: S105 - a name, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """Its address, and the secrets that an operator would give to a producer and to Uniqodo."""

    url: str
    sign_ups_secret: str = field(repr=False)
    hints_secret: str = field(repr=False)

    @property
    def sign_ups_url(self) -> str:
        """Where signed sign-ups go."""
        return f"{self.url}/sign-ups"

    @property
    def hints_url(self) -> str:
        """Where Uniqodo would call for the account `main`; the URL contains a secret."""
        return f"{self.url}/callbacks/uniqodo/{self.hints_secret}"


def callbacks_of(access: Access, resources: Iterable[Resource]) -> Callbacks:
    """Describe what was deployed.

    The engine serves an API below its own address too, so no name has to be resolved and no
    header to be set, which a callback could not do.
    """
    [api] = [each.physical_id for each in resources if each.type == API]
    return Callbacks(
        url=f"{access.endpoint_url}/_aws/execute-api/{api}/$default",
        sign_ups_secret=_text(access, SIGN_UPS_SECRET),
        hints_secret=_text(access, HINTS_SECRET),
    )


def _text(access: Access, name: str) -> str:
    return access.secrets().get_secret_value(SecretId=name)["SecretString"]
