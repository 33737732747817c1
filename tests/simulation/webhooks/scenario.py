"""Endpoints, published events, and operators' tasks: the input of a run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from couponbus.usecases.webhooks.replay_selection import Which
from tests.simulation.polling.story import Story

TENANTS = ("acme", "globex")
PROGRAMS = ("club", "shop")
CROWD = 20

type Facts = Mapping[str, object]


class Behaviour(StrEnum):
    """How an endpoint answers."""

    WELL = "well"
    SLOW = "slow"  # up to 16 seconds: some of it too late
    SILENT = "silent"
    BROKEN = "broken"  # 500
    BUSY = "busy"  # 429 or 503 with Retry-After
    GONE = "gone"  # 410
    MOVED = "moved"  # 3xx with a Location
    ODD = "odd"  # any other refusal
    DEAF = "deaf"  # takes it, but hangs up before it answers


class Kind(StrEnum):
    """The type of a published event."""

    ISSUED = "BarcodeIssued"
    REFUSED = "BarcodeRefused"
    REJECTED = "SignUpRejected"


class Task(StrEnum):
    """What an operator does with an endpoint."""

    ADD = "add"
    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"
    ROTATE = "rotate"


@dataclass(frozen=True, slots=True)
class Filter:
    """A pattern, and its meaning as a predicate of source, type and data."""

    pattern: str
    means: Callable[[str, str, Facts], bool]


FILTERS: Sequence[Filter] = (
    Filter("{}", lambda source, kind, data: True),
    Filter('{"detail-type": ["BarcodeIssued"]}', lambda source, kind, data: kind == Kind.ISSUED),
    Filter(
        '{"source": ["couponbus.barcodes"], "detail": {"data": {"program": ["club"]}}}',
        lambda source, kind, data: source == "couponbus.barcodes" and data.get("program") == "club",
    ),
    Filter(
        '{"detail-type": [{"anything-but": ["BarcodeIssued"]}]}',
        lambda source, kind, data: kind != Kind.ISSUED,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """An endpoint and the receiver behind it; `asks` is its Retry-After, in seconds.

    `resumed_after` seconds after each disabling an operator resumes it, None: never.
    """

    endpoint_id: str
    tenant: str
    filter: Filter
    scopes: tuple[str, ...] = ()
    rate: int | None = None
    behaviours: Story[Behaviour]
    asks: float = 60.0
    resumed_after: float | None = None

    @property
    def url(self) -> str:
        return f"https://{self.endpoint_id}.example/hooks"

    @property
    def reads_numbers(self) -> bool:
        return "barcode:read" in self.scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """An event that is published at a time."""

    number: int
    at: float
    tenant: str
    kind: Kind
    program: str

    @property
    def barcode(self) -> str:
        """The full number, which only endpoints with the scope may read."""
        return f"9900{self.number:012d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTask:
    """An operator's task."""

    at: float
    task: Task
    endpoint_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resending:
    """A replay of events from `since` to `until`, of one type or all, to one endpoint or all."""

    at: float
    tenant: str
    since: float
    until: float
    kind: Kind | None
    endpoint_id: str | None
    which: Which
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The input of a run; `garbage` are bodies that are no events."""

    subscribers: Sequence[Subscriber]
    events: Sequence[PlannedEvent]
    tasks: Sequence[OperatorTask] = ()
    resendings: Sequence[Resending] = ()
    garbage: Sequence[tuple[float, str]] = ()

    @property
    def is_crowded(self) -> bool:
        """Whether so much is published that a slow platform has a backlog of it."""
        return len(self.events) > CROWD

    @property
    def last_event(self) -> float:
        """The time of the last event that the product does not cause."""
        planned: list[PlannedEvent | OperatorTask | Resending] = [
            *self.events,
            *self.tasks,
            *self.resendings,
        ]
        times = [one.at for one in planned]
        return max([*times, *(at for at, _ in self.garbage)], default=0.0)
