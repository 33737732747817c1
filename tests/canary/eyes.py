"""Whoever could see something that was not meant for him: logs, output, errors, AWS."""

import io
import json
import logging
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import botocore.handlers
import pytest
from botocore.awsrequest import AWSPreparedRequest

# Their debug lines repeat each request by design. Ours is not among them, nor the HTTP of ours.
TALKATIVE = ("botocore", "boto3", "moto", "werkzeug", "responses", "asyncio", "uvicorn")
SPOKEN_TO = {"PutEvents": "events", "SendMessageBatch": "queues"}


class Eyes:
    """What was seen, by place."""

    def __init__(self) -> None:
        self.seen: defaultdict[str, list[str]] = defaultdict(list)
        self.operations: list[str] = []

    def note(self, place: str, text: str) -> None:
        if text:
            self.seen[place].append(text)

    def watch[R](self, work: Callable[[], R]) -> R | None:
        """Run it; what it prints is seen, and what it raises with all its causes."""
        output = io.StringIO()
        try:
            with redirect_stdout(output), redirect_stderr(output):
                return work()
        except Exception as error:
            self.note("exceptions", "".join(traceback.format_exception(error)))
            return None
        finally:
            self.note("output", output.getvalue())

    def requests(self, event_name: str, request: AWSPreparedRequest, **_: object) -> None:
        """See what leaves for a bus or a queue; registered with botocore."""
        operation = event_name.rpartition(".")[2]
        self.operations.append(operation)
        if operation in SPOKEN_TO:
            body = request.body
            text = body.decode() if isinstance(body, bytes) else str(body)
            self.note(SPOKEN_TO[operation], text)


@contextmanager
def open_eyes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Eyes]:
    """Turn on every debug log of this process but the talkative ones, and read all of it."""
    eyes = Eyes()
    hooks = [*botocore.handlers.BUILTIN_HANDLERS, ("before-send", eyes.requests)]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", hooks)
    listener = _Listener(eyes)
    with _at_debug(listener):
        yield eyes


class _Listener(logging.Handler):
    """Writes all of a record: message, traceback, and every extra that somebody attached."""

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(level=logging.DEBUG)
        self._eyes = eyes

    def emit(self, record: logging.LogRecord) -> None:
        self._eyes.note("logs", f"{self.format(record)} {vars(record)!r}")


@contextmanager
def _at_debug(listener: logging.Handler) -> Iterator[None]:
    """Set all loggers to DEBUG, those of libraries and the deaf ones too."""
    names = [*TALKATIVE, *logging.root.manager.loggerDict]
    loggers = [logging.getLogger(), *map(logging.getLogger, names)]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        talks = logger.name.partition(".")[0] in TALKATIVE
        logger.setLevel(logging.WARNING if talks else logging.DEBUG)
    logging.getLogger().addHandler(listener)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(listener)
        for logger, level, propagate in before:
            logger.setLevel(level)
            logger.propagate = propagate


def without(item: Mapping[str, object], allowed: Sequence[str]) -> str:
    """Return a ledger item as text, but for the attributes that may hold what they hold."""
    return json.dumps({name: value for name, value in item.items() if name not in allowed})
