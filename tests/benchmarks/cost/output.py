"""What a function writes to its output: its log line, and its metric record."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def printed(function: str) -> Iterator[io.StringIO]:
    """Keep the output of a function until the block ends; its logger has a stream of its own."""
    output = io.StringIO()
    handlers = [
        each
        for each in logging.getLogger(function).handlers
        if isinstance(each, logging.StreamHandler)
    ]
    before = [each.stream for each in handlers]
    for each in handlers:
        each.setStream(output)
    try:
        with redirect_stdout(output):
            yield output
    finally:
        for each, stream in zip(handlers, before, strict=True):
            each.setStream(stream)
