"""What the deployed functions were told, as far as a command must know it."""

import json
from typing import TYPE_CHECKING

from cli.failing import UNREACHABLE, Failed
from cli.stage import Target

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LambdaDeployment:
    """The settings of `issue_barcodes`, as they are in force."""

    def __init__(self, *, client: "LambdaClient", target: Target) -> None:
        self._client = client
        self._target = target

    def accounts(self) -> frozenset[str]:
        """Return the names of the Coniq accounts. Raises ClientError, Failed."""
        name = self._target.part("issue_barcodes")
        answer = self._client.get_function_configuration(FunctionName=name)
        settings = answer.get("Environment", {}).get("Variables", {})
        try:
            return frozenset(
                str(account["name"]) for account in json.loads(settings["CONIQ_ACCOUNTS"])
            )
        except (KeyError, TypeError, ValueError):
            text = f"{name} does not say which accounts it has (CONIQ_ACCOUNTS)"
            raise Failed(text, kind="unreachable", code=UNREACHABLE) from None
