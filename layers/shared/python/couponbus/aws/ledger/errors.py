"""Why a call to AWS failed, as an error code that holds nothing of the request."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from couponbus.domain.errors import LedgerUnavailable

CallFailed = (BotoCoreError, ClientError)


def code_of(error: Exception) -> str:
    """Return the service's error code, or the class name of a failure without a response."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


@contextmanager
def ledger_call(operation: str) -> Iterator[None]:
    """Raise LedgerUnavailable where a call to the table fails."""
    try:
        yield
    except CallFailed as error:
        code = code_of(error)
        call = operation.partition(" ")[0]
        raise LedgerUnavailable(f"{operation}: {code}", code=f"{call}:{code}") from None
