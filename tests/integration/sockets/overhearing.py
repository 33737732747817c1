"""All visible output of a call: results, exceptions with their attributes, log records."""

import logging
import traceback
from collections.abc import Callable


def shown_by(call: Callable[[], object]) -> str:
    try:
        result = call()
    except Exception as error:
        chain = [error, error.__cause__, error.__context__]
        return repr(chain) + "".join(traceback.format_exception(error))
    return repr(result)


def text_of(record: logging.LogRecord) -> str:
    return repr(record.__dict__) + record.getMessage()
