"""Event source mappings of the workers, disabled while a table is restored or a part stopped."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
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
STREAM = "the ledger's stream"
ON, OFF = "Enabled", "Disabled"
CHECKS_MAX, CHECK_INTERVAL = 60, 2.0


class Part(StrEnum):
    """What can be stopped by itself."""

    ISSUING = "issuing"
    POLLING = "polling"
    WEBHOOKS = "webhooks"


# As in the stage's `paused`.
STOPPED_WITH: Mapping[Part, Collection[str]] = {
    Part.ISSUING: ("signups",),
    Part.POLLING: ("polls",),
    Part.WEBHOOKS: ("deliveries", "redeliveries"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An event source mapping; `state` is AWS's own word, `concurrency` how many work at once.

    `arn` is that of its queue or stream.
    """

    uuid: str
    worker: str
    source: str
    state: str
    arn: str = ""
    concurrency: int = 1

    @property
    def name(self) -> str:
        """Return source and worker, for messages."""
        return f"{self.source} → {self.worker}"

    @property
    def is_off(self) -> bool:
        """Whether it is disabled, or about to be."""
        return self.state in (OFF, "Disabling")

    @property
    def part(self) -> Part | None:
        """Return what stops with it, None where it is stopped for a restore only."""
        return next((part for part in Part if self.source in STOPPED_WITH[part]), None)

    @property
    def to_start(self) -> str:
        """Return how an operator starts it."""
        if self.part is None:
            return f"aws lambda update-event-source-mapping --enabled --uuid {self.uuid}"
        return f"couponbus start {self.part}, and take it out of the stage's `paused`"


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

    def stop(self, part: Part | None = None) -> Sequence[Trigger]:
        """Disable the mappings of a part, or all, and wait; returns those that were enabled.

        Raises ClientError, BotoCoreError, Failed.
        """
        return self._switched(OFF, lambda each: part in (None, each.part))

    def start(self, part: Part | None = None) -> Sequence[Trigger]:
        """Enable the mappings of a part, or all, and wait; returns those that were disabled.

        Raises ClientError, BotoCoreError, Failed.
        """
        return self._switched(ON, lambda each: part in (None, each.part))

    def _switched(self, wanted: str, concerns: Callable[[Trigger], bool]) -> Sequence[Trigger]:
        def others() -> list[Trigger]:
            return [each for each in self.all() if concerns(each) and each.state != wanted]

        changed = {each.uuid: each for each in others()}
        updated: set[str] = set()
        for check in range(CHECKS_MAX):
            if check > 1:  # the first check comes at once
                self._clock.sleep(CHECK_INTERVAL)
            left = others()
            if not left:
                return list(changed.values())
            for each in left:
                # AWS refuses to update a mapping whose state is still changing.
                if each.state in (ON, OFF) and each.uuid not in updated:
                    self._client.update_event_source_mapping(UUID=each.uuid, Enabled=wanted == ON)
                    updated.add(each.uuid)
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
        source=resource.removeprefix(prefix) if is_queue else STREAM,
        state=mapping["State"],
        arn=mapping["EventSourceArn"],
        concurrency=_concurrency(mapping),
    )


def _concurrency(mapping: "EventSourceMappingConfigurationTypeDef") -> int:
    """Return the most batches at once; of a stream those of one shard, of which there are more."""
    limit = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
    return limit or mapping.get("ParallelizationFactor") or 1
