"""Whoever could see something that was not meant for him: logs, output, errors, AWS."""

import io
import json
import logging
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TypedDict

import botocore.handlers
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.client import BaseClient

# Their debug lines repeat each request by design. Ours is not among them, nor the HTTP of ours.
TALKATIVE = ("botocore", "boto3", "moto", "werkzeug", "responses", "asyncio", "uvicorn")
BEFORE_SEND = "before-send"
NAMING = "WatchCustomers"  # the one command whose purpose is to name somebody


class Sent(TypedDict):
    """The call that puts messages into a queue."""

    QueueUrl: str
    Entries: list[dict[str, str]]


class Eyes:
    """What was seen, by place."""

    def __init__(self) -> None:
        self.seen: defaultdict[str, list[str]] = defaultdict(list)

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
        body = request.body
        text = body.decode() if isinstance(body, bytes) else str(body)
        if operation == "PutEvents":
            self.note("events", text)
        elif operation == "SendMessageBatch":
            self._note_messages(json.loads(text))

    def _note_messages(self, sent: Sent) -> None:
        """Note each under the last part of its queue's name; messages that name somebody, apart."""
        queue = sent["QueueUrl"].rpartition("/")[2].rpartition("-")[2]
        for entry in sent["Entries"]:
            # A sign-up has no type of ours, and is told to its own queue only.
            is_naming = json.loads(entry["MessageBody"]).get("type") in (NAMING, None)
            self.note("customers" if is_naming else queue, entry["MessageBody"])
            self.note(queue, json.dumps({**entry, "MessageBody": ""}))


@contextmanager
def open_eyes(monkeypatch: pytest.MonkeyPatch, *clients: BaseClient) -> Iterator[Eyes]:
    """Read every debug log of this process but the talkative ones, and what these clients send.

    What a client sends that is made meanwhile is seen too.
    """
    eyes = Eyes()
    hooks = [*botocore.handlers.BUILTIN_HANDLERS, (BEFORE_SEND, eyes.requests)]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", hooks)
    for client in clients:
        client.meta.events.register(BEFORE_SEND, eyes.requests)
    try:
        with _at_debug(_Listener(eyes)):
            yield eyes
    finally:
        for client in clients:
            client.meta.events.unregister(BEFORE_SEND, eyes.requests)


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
