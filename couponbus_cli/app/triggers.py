"""Event source mappings of the workers, disabled while a table is restored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from couponbus.ports.shared import Clock
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.app.stage import Target

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef

WORKERS = (
    "issue_barcodes",
    "publish_events",
    "poll_redemptions",
    "fan_out_webhooks",
    "deliver_webhooks",
)
ALIAS = "live"
ON, OFF = "Enabled", "Disabled"
CHECKS_MAX, CHECK_INTERVAL = 60, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An event source mapping; `state` is AWS's own word."""

    uuid: str
    worker: str
    source: str
    state: str

    @property
    def name(self) -> str:
        """Return source and worker, for messages."""
        return f"{self.source} → {self.worker}"


class LambdaTriggers:
    """The event source mappings of a stage's workers."""

    def __init__(self, *, client: "LambdaClient", target: Target, clock: Clock) -> None:
        """`target` is the stage whose functions have the mappings."""
        self._client = client
        self._target = target
        self._clock = clock

    def all(self) -> Sequence[Trigger]:
        """Return all mappings, by worker. Raises ClientError, BotoCoreError."""
        pages = self._client.get_paginator("list_event_source_mappings")
        found = [mapping for page in pages.paginate() for mapping in page["EventSourceMappings"]]
        # One listing of the whole account: for each worker it would be a call more.
        return [
            _trigger(worker, self._target, mapping)
            for worker in WORKERS
            for mapping in found
            if mapping["FunctionArn"].endswith(f":{self._target.part(worker)}:{ALIAS}")
        ]

    def stop(self) -> Sequence[Trigger]:
        """Disable all mappings and wait until they are; returns those that were enabled.

        Raises ClientError, BotoCoreError, Failed.
        """
        return self._switched(OFF)

    def start(self) -> Sequence[Trigger]:
        """Enable all mappings and wait until they are; returns those that were disabled.

        Raises ClientError, BotoCoreError, Failed.
        """
        return self._switched(ON)

    def _switched(self, wanted: str) -> Sequence[Trigger]:
        changed = {each.uuid: each for each in self.all() if each.state != wanted}
        updated: set[str] = set()
        for _ in range(CHECKS_MAX):
            left = [each for each in self.all() if each.state != wanted]
            if not left:
                return list(changed.values())
            for each in left:
                # AWS refuses to update a mapping whose state is still changing.
                if each.state in (ON, OFF) and each.uuid not in updated:
                    self._client.update_event_source_mapping(UUID=each.uuid, Enabled=wanted == ON)
                    updated.add(each.uuid)
            self._clock.sleep(CHECK_INTERVAL)
        names = ", ".join(each.name for each in left)
        text = f"still not {wanted.lower()}: {names}; check the mappings, then repeat this"
        raise Failed(text, kind="unreachable", code=UNREACHABLE)


def _trigger(
    worker: str, target: Target, mapping: "EventSourceMappingConfigurationTypeDef"
) -> Trigger:
    resource = mapping["EventSourceArn"].rpartition(":")[2]
    prefix = target.part("")
    is_queue = mapping["EventSourceArn"].split(":")[2] == "sqs"
    return Trigger(
        uuid=mapping["UUID"],
        worker=worker,
        source=resource.removeprefix(prefix) if is_queue else "the ledger's stream",
        state=mapping["State"],
    )
