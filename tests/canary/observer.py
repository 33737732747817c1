"""Observers of every place where a secret could leak: logs, output, errors, AWS."""

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

# Their debug lines repeat each request by design. The product's loggers are not among them, nor
# those of its HTTP.
TALKATIVE = ("botocore", "boto3", "moto", "werkzeug", "responses", "asyncio", "uvicorn")
BEFORE_SEND = "before-send"
WHOLE = "unidentified"  # the one queue whose purpose is to keep messages as they are
NAMING = "WatchCustomers"  # the one command whose purpose is to name customers


class Sent(TypedDict):
    """The arguments of a call that puts messages into a queue."""

    QueueUrl: str
    Entries: list[dict[str, str]]


class Observer:
    """What was observed, by place."""

    def __init__(self) -> None:
        self.seen: defaultdict[str, list[str]] = defaultdict(list)

    def note(self, place: str, text: str) -> None:
        if text:
            self.seen[place].append(text)

    def observe[R](self, work: Callable[[], R]) -> R | None:
        """Run `work`; observe what it prints, and what it raises with all causes."""
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
        """Observe what is sent to a bus or a queue; registered with botocore."""
        operation = event_name.rpartition(".")[2]
        body = request.body
        text = body.decode() if isinstance(body, bytes) else str(body)
        if operation == "PutEvents":
            self.note("events", text)
        elif operation == "SendMessageBatch":
            self._note_messages(json.loads(text))

    def _note_messages(self, sent: Sent) -> None:
        """Note each message under the last part of its queue's name, or under "customers"."""
        queue = sent["QueueUrl"].rpartition("/")[2].rpartition("-")[2]
        for entry in sent["Entries"]:
            if queue == WHOLE:
                self.note(queue, json.dumps({**entry, "MessageBody": ""}))
                continue
            # A sign-up has no type of the product, and is sent to its own queue only; a list has
            # published events, which name no customer.
            content = json.loads(entry["MessageBody"])
            is_naming = isinstance(content, dict) and content.get("type") in (NAMING, None)
            self.note("customers" if is_naming else queue, entry["MessageBody"])
            self.note(queue, json.dumps({**entry, "MessageBody": ""}))


@contextmanager
def observing(monkeypatch: pytest.MonkeyPatch, *clients: BaseClient) -> Iterator[Observer]:
    """Observe all debug logs of this process but the talkative ones, and what these clients send.

    Clients that are made meanwhile are observed too.
    """
    observer = Observer()
    hooks = [*botocore.handlers.BUILTIN_HANDLERS, (BEFORE_SEND, observer.requests)]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", hooks)
    for client in clients:
        client.meta.events.register(BEFORE_SEND, observer.requests)
    try:
        with _at_debug(_Listener(observer)):
            yield observer
    finally:
        for client in clients:
            client.meta.events.unregister(BEFORE_SEND, observer.requests)


class _Listener(logging.Handler):
    """Observes all of a record: message, traceback, and every extra field."""

    def __init__(self, observer: Observer) -> None:
        super().__init__(level=logging.DEBUG)
        self._observer = observer

    def emit(self, record: logging.LogRecord) -> None:
        self._observer.note("logs", f"{self.format(record)} {vars(record)!r}")


@contextmanager
def _at_debug(listener: logging.Handler) -> Iterator[None]:
    """Set all loggers to DEBUG, including those of libraries and those that do not propagate."""
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
