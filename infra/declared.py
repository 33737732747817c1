"""The classes with which a module of `infra/functions` declares its function."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from couponbus_config.stage import StageConfig
from infra.alarm import Alarm, Event, once
from infra.stacks.ledger import Ledger
from infra.stacks.state import State

type QueueName = Literal[
    "signups",
    "polls",
    "notifications",
    "deliveries",
    "redeliveries",
    "quarantine",
    "unidentified",
    "undelivered",
    "unpublished",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResources:
    """The resources of a stage that a function may be configured with or permitted to use."""

    stage: StageConfig
    ledger: Ledger
    state: State
    bus: events.IEventBus
    queues: Mapping[QueueName, sqs.IQueue]


type Setting = Callable[[StageResources], Mapping[str, str]]
type Permission = Callable[[StageResources], iam.PolicyStatement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """How large a batch is, how long one is collected, and how many are worked on at once."""

    size: int
    window_seconds: int
    concurrency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTrigger:
    """Batches of a queue, whose visibility follows from the window and the function's timeout."""

    queue: QueueName
    batching: Callable[[StageConfig], Batching]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTrigger:
    """The ledger's changes that match `pattern`; records given up go to the queue `failed`."""

    pattern: Mapping[str, object]
    failed: QueueName


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTrigger:
    """A schedule; a tick that could not be delivered for `max_age_seconds` is dropped."""

    expression: Callable[[StageConfig], str]
    max_age_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTrigger:
    """An HTTP API of its own, which lets any method on these paths through.

    `limits` are the requests a second, and at once, of each path.
    """

    api: str
    limits: Callable[[StageConfig], Mapping[str, tuple[int, int]]]


type Trigger = QueueTrigger | StreamTrigger | ScheduleTrigger | HttpTrigger


BROKEN_ROWS = "Rows cannot be read or stored by this version and wait: the log has their keys"


def counts(**whys: str) -> tuple[Event, ...]:
    """Return an alarm for each metric that must stay zero, with why."""
    return tuple(event(metric, why=why) for metric, why in whys.items())


def event(metric: str, *, why: str, above: int = 0, hours: int = 1) -> Event:
    """Return the alarm of a count, with the runbook's section of that name."""
    runbook = re.sub("(?<!^)(?=[A-Z])", "-", metric).lower()
    rule = once(above=above, hours=hours)
    return Event(metric=metric, word=metric, why=why, runbook=runbook, rule=rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """All that is deployed of `functions/<name>`, beside what every function has.

    Every function has a role, logs, an alias, and the alarms of `function_alarms.py`; `slow_from`
    is the share of its time limit above which it is slow, None where it works until it is used up.
    Settings that grow with the accounts are `filed`: they are a file beside the code, as Lambda
    takes 4 KB of variables. A file can hold no reference to a resource, so it names them.
    """

    name: str
    memory_mb: int
    timeout_seconds: int
    triggers: tuple[Trigger, ...]
    settings: tuple[Setting, ...]
    permissions: tuple[Permission, ...]
    alarms: tuple[Alarm, ...]
    slow_from: float | None = 0.9
    filed: tuple[Setting, ...] = ()

    @property
    def construct_id(self) -> str:
        """Return the name in CamelCase, the prefix of the logical ids of its resources."""
        return self.name.title().replace("_", "")

    def environment(self, resources: StageResources) -> dict[str, str]:
        """Return its settings as variables."""
        return _given(self.settings, resources)

    def file(self, resources: StageResources) -> dict[str, str]:
        """Return the settings that are a file beside its code."""
        return _given(self.filed, resources)

    def statements(self, resources: StageResources) -> list[iam.PolicyStatement]:
        """Return its permissions as IAM statements; without an account some allow nothing."""
        statements = [permission(resources) for permission in self.permissions]
        return [each for each in statements if each.has_resource]


def _given(settings: tuple[Setting, ...], resources: StageResources) -> dict[str, str]:
    return {name: value for setting in settings for name, value in setting(resources).items()}
