"""Which endpoints there are, what is told, and what operators do: the input of a run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from couponbus.usecases.webhooks.replay_selection import Which
from tests.simulation.polling.story import Story

TENANTS = ("acme", "globex")
PROGRAMS = ("club", "shop")
CROWD = 20

type Facts = Mapping[str, object]


class Mood(StrEnum):
    """How an endpoint answers."""

    WELL = "well"
    SLOW = "slow"  # up to 16 seconds: some of it too late
    SILENT = "silent"
    BROKEN = "broken"  # 500
    BUSY = "busy"  # 429 or 503, and when to come again
    GONE = "gone"  # 410
    MOVED = "moved"  # 3xx with a Location
    ODD = "odd"  # refuses with some other status
    DEAF = "deaf"  # takes it, but hangs up before it answers


class Kind(StrEnum):
    """What is told."""

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
    """A pattern, and what it means in other words: of the source, the type and the data."""

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

    So many seconds after each disabling somebody resumes it, if anybody does.
    """

    endpoint_id: str
    tenant: str
    filter: Filter
    scopes: tuple[str, ...] = ()
    rate: int | None = None
    moods: Story[Mood]
    asks: float = 60.0
    resumed_after: float | None = None

    @property
    def url(self) -> str:
        return f"https://{self.endpoint_id}.example/hooks"

    @property
    def reads_numbers(self) -> bool:
        return "barcode:read" in self.scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that is told at a time."""

    number: int
    at: float
    tenant: str
    kind: Kind
    program: str

    @property
    def barcode(self) -> str:
        """The number that only few may read."""
        return f"9900{self.number:012d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """An operator's task."""

    at: float
    task: Task
    endpoint_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resending:
    """A replay: of what was told from `since` to `until`, of one type or all, to one or all."""

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
    """All that a run is about; `garbage` are bodies that are no events."""

    subscribers: Sequence[Subscriber]
    tolds: Sequence[Told]
    errands: Sequence[Errand] = ()
    resendings: Sequence[Resending] = ()
    garbage: Sequence[tuple[float, str]] = ()

    @property
    def is_crowded(self) -> bool:
        """Whether so much is told that a slow platform has a backlog of it."""
        return len(self.tolds) > CROWD

    @property
    def last_event(self) -> float:
        """When something happens for the last time that nobody here has caused."""
        planned: list[Told | Errand | Resending] = [
            *self.tolds,
            *self.errands,
            *self.resendings,
        ]
        times = [one.at for one in planned]
        return max([*times, *(at for at, _ in self.garbage)], default=0.0)
