"""The receivers in the third part of the demo: `couponbus listen`, as processes."""

import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, Queue

from couponbus_sandbox.local.listening import LocalEndpoint, add_endpoint, end, listen
from couponbus_sandbox.local.operating import CommandFailed
from couponbus_sandbox.local.stack import LocalStack

START_SECONDS = 20.0
READ_SECONDS = 5.0
ACCEPTED, BUSY, GONE = 204, 503, 410


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedWebhook:
    """One webhook as a receiver got it."""

    webhook_id: str
    event_id: str
    detail_type: str
    is_verified: bool
    answered: int

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver answered 2xx."""
        return self.answered == ACCEPTED


class Receiver:
    """One endpoint; its requests are kept when it is restarted with another answer."""

    def __init__(self, endpoint: LocalEndpoint) -> None:
        self.name = endpoint.name
        self._endpoint = endpoint
        self._received: list[ReceivedWebhook] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def received(self) -> Sequence[ReceivedWebhook]:
        """Return all requests so far, in order of arrival."""
        return tuple(self._received)

    def start(self, *, answer: int) -> None:
        """Listen, and answer validly signed requests with this status. Raise CommandFailed."""
        self.stop()
        started: Queue[str] = Queue()
        process = listen(self._endpoint, "--json", "--answer", str(answer), output=subprocess.PIPE)
        self._process = process
        self._reader = threading.Thread(target=self._read, args=(process, started), daemon=True)
        self._reader.start()
        try:
            first = started.get(timeout=START_SECONDS)
        except Empty:
            first = "it did not start in time"
        if "listening" not in first:
            self.stop()
            raise CommandFailed(f"couponbus listen, for {self.name}: {first}")

    def stop(self) -> None:
        """Stop listening, and read its last lines."""
        process, self._process = self._process, None
        if process is None:
            return
        end(process)
        if self._reader is not None:
            self._reader.join(READ_SECONDS)

    def _read(self, process: "subprocess.Popen[str]", started: "Queue[str]") -> None:
        with process.stdout or contextlib.nullcontext() as lines:
            for line in lines or ():
                started.put(line)
                with contextlib.suppress(ValueError):
                    self._note(json.loads(line))
        started.put("it ended")

    def _note(self, fields: Mapping[str, object]) -> None:
        if "webhook_id" in fields:
            self._received.append(
                ReceivedWebhook(
                    webhook_id=str(fields["webhook_id"]),
                    event_id=str(fields["event_id"]),
                    detail_type=str(fields["type"]),
                    is_verified=bool(fields["verified"]),
                    answered=int(str(fields["answered"])),
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """One healthy endpoint, one that fails for two days, and one that answers 410."""

    healthy: Receiver
    failing: Receiver
    gone: Receiver

    @property
    def all(self) -> tuple[Receiver, ...]:
        """All three."""
        return (self.healthy, self.failing, self.gone)


@contextlib.contextmanager
def receivers(stack: LocalStack) -> Iterator[Receivers]:
    """Add three endpoints as an operator would, and listen at them. Raise CommandFailed."""
    with contextlib.ExitStack() as running:
        made = [Receiver(add_endpoint(stack, name)) for name in ("healthy", "failing", "gone")]
        for one, answer in zip(made, (ACCEPTED, BUSY, GONE), strict=True):
            running.callback(one.stop)
            one.start(answer=answer)
        healthy, failing, gone = made
        yield Receivers(healthy=healthy, failing=failing, gone=gone)
