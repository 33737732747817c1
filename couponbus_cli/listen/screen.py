"""Show webhooks as they arrive: a table on a terminal, JSON lines for programs."""

import json
from collections import deque
from collections.abc import Mapping
from datetime import UTC
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table

from couponbus.domain.webhooks.signature import Forged
from couponbus_cli.app.answer import visible
from couponbus_cli.listen.arrival import NO_JSON, NO_SECRET, Arrival

SHOWN = 20
ID_SHOWN = 12
PROBLEMS: Mapping[str, str] = {
    NO_SECRET: "not verified: no secret was given",
    NO_JSON: "verified, but not JSON",
    Forged.ID: "no usable webhook-id",
    Forged.TIMESTAMP: "no usable webhook-timestamp",
    Forged.TOO_OLD: "older than 5 minutes",
    Forged.TOO_NEW: "5 minutes in the future",
    Forged.SIGNATURE: "not signed with this secret",
}


class Screen(Protocol):
    """A context manager that shows webhooks."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def begin(self, url: str) -> None:
        """Show the URL."""
        ...

    def show(self, arrival: Arrival) -> None:
        """Show one webhook."""
        ...


class Lines:
    """Writes one JSON object per line, unbuffered."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing needs to be closed."""

    def begin(self, url: str) -> None:
        """Show the URL."""
        self._write({"listening": url})

    def show(self, arrival: Arrival) -> None:
        """Write one webhook."""
        self._write(arrival.data())

    def _write(self, body: Mapping[str, object]) -> None:
        self._out.write(json.dumps(body) + "\n")
        self._out.flush()


class LiveTable:
    """The last twenty webhooks, redrawn for each new one."""

    def __init__(self, console: Console) -> None:
        self._last: deque[Arrival] = deque(maxlen=SHOWN)
        self._received = 0
        self._url = ""
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last table on the screen."""
        self._live.stop()

    def begin(self, url: str) -> None:
        """Show the URL."""
        self._url = url
        self._draw()

    def show(self, arrival: Arrival) -> None:
        """Show one webhook."""
        self._last.append(arrival)
        self._received += 1
        self._draw()

    def _draw(self) -> None:
        table = Table("time", "event", "webhook-id", "received", "signature", "answer", "bytes")
        table.title = f"{self._url}  {self._received} received; Ctrl-C ends it"
        for one in self._last:
            table.add_row(*_cells(one))
        self._live.update(table, refresh=True)


def _cells(one: Arrival) -> list[str]:
    times = f"{one.times}, a duplicate" if one.duplicate else str(one.times)
    return [
        f"{one.at.astimezone(UTC):%H:%M:%S}",
        visible(one.detail_type or "?"),
        visible(_short(one.webhook_id)),
        times,
        "✓" if one.problem is None else PROBLEMS.get(one.problem, one.problem),
        str(one.answered),
        str(one.size),
    ]


def _short(webhook_id: str) -> str:
    return webhook_id if len(webhook_id) <= ID_SHOWN else f"{webhook_id[:ID_SHOWN]}…"
