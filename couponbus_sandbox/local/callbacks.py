"""The HTTP API of a local stack, and its secrets."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from couponbus_config.names import Names
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.stacks import Resource

API = "AWS::ApiGatewayV2::Api"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type, not a secret
OF_CALLBACKS = "/callbacks/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """Its address, and the secrets that an operator would give to a producer and to Uniqodo.

    That of Uniqodo is of the first account there, and empty if the stage has none.
    """

    url: str
    sign_ups_secret: str = field(repr=False)
    hints_secret: str = field(repr=False)

    @property
    def sign_ups_url(self) -> str:
        """Where signed sign-ups go."""
        return f"{self.url}/sign-ups"

    @property
    def hints_url(self) -> str:
        """Where Uniqodo would call for its first account; the URL contains a secret."""
        return f"{self.url}/callbacks/uniqodo/{self.hints_secret}"


def callbacks_of(access: Access, resources: Iterable[Resource], *, names: Names) -> Callbacks:
    """Describe what was deployed.

    The engine serves an API below its own address too, so no name has to be resolved and no
    header to be set, which a callback could not do.
    """
    there = list(resources)
    [api] = [each.physical_id for each in there if each.type == API]
    hints = sorted(
        each.physical_id
        for each in there
        if each.type == SECRET and OF_CALLBACKS in each.physical_id
    )
    return Callbacks(
        url=f"{access.endpoint_url}/_aws/execute-api/{api}/$default",
        sign_ups_secret=_text(access, names.secret("sign-ups")),
        hints_secret=_text(access, hints[0]) if hints else "",
    )


def _text(access: Access, name: str) -> str:
    return access.secrets().get_secret_value(SecretId=name)["SecretString"]
