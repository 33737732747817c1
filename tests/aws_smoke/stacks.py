"""Stacks of hand-made templates, and how all stacks of a run are deleted."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from couponbus_sandbox.engine.stacks import CAPABILITIES

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

GONE = ""
SECONDS, ATTEMPTS = 1800.0, 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacks:
    """Creates and updates stacks; `pause` is how long it waits between two questions."""

    client: "CloudFormationClient"
    pause: float

    def put(self, name: str, template: Mapping[str, object]) -> str:
        """Create the stack, or update it, and return the status in which it ends."""
        submit = self.client.update_stack if self.status(name) else self.client.create_stack
        submit(StackName=name, TemplateBody=json.dumps(template), Capabilities=CAPABILITIES)
        deadline = time.monotonic() + SECONDS
        while (status := self.status(name)).endswith("IN_PROGRESS"):
            if time.monotonic() > deadline:
                return f"{status} after {SECONDS:.0f} s"
            time.sleep(self.pause)
        return status

    def status(self, name: str) -> str:
        """Return the status of a stack, GONE if there is none."""
        try:
            status = self.client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return GONE
            raise
        return GONE if status == "DELETE_COMPLETE" else str(status)

    def outputs(self, name: str) -> Mapping[str, str]:
        """Return the outputs of a stack by key."""
        [stack] = self.client.describe_stacks(StackName=name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def destroy(self, names: Iterable[str]) -> tuple[str, ...]:
        """Delete stacks one after the other, and return those that may still be there."""
        return tuple(name for name in names if not self._is_destroyed(name))

    def _is_destroyed(self, name: str) -> bool:
        try:
            if self.status(name) == GONE:
                return True
            self.client.delete_stack(StackName=name)
            self.client.get_waiter("stack_delete_complete").wait(
                StackName=name,
                WaiterConfig={"Delay": max(1, int(self.pause)), "MaxAttempts": ATTEMPTS},
            )
        except (BotoCoreError, ClientError):
            return False
        return True
