"""The time of metrics, alarms and logs: the machine's, moved as far as that of the functions."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

from ministack.services import cloudwatch, cloudwatch_logs

type Stream = dict[str, object]
type Event = dict[str, object]

FILE = "ENGINE_CLOCK_FILE"
STAMPS = ("timestamp", "ingestionTime")

_append = cloudwatch_logs._append_log_events


def install() -> None:
    """Move both services, whose timestamps a command compares with the stage's clock."""
    cloudwatch.time = SimpleNamespace(time=present)
    cloudwatch_logs._append_log_events = _append_moved


def moved_by() -> float:
    """Return how many seconds the functions are ahead of the machine."""
    try:
        return float(Path(os.environ[FILE]).read_text())
    except (KeyError, OSError, ValueError):
        return 0.0


def present() -> float:
    """Return the present in epoch seconds."""
    return time.time() + moved_by()


def _append_moved(stream: Stream, events: list[Event]) -> None:
    milliseconds = round(moved_by() * 1000)
    moved = [
        event | {name: int(str(event[name])) + milliseconds for name in STAMPS} for event in events
    ]
    _append(stream, moved)
