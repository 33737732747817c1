"""Times as the table stores them: numbers where they are sorted, short texts elsewhere."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

# The rows of a batch share most of their times, so the conversions are cached.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=1024)
def epoch_ms(moment: datetime) -> str:
    """Return milliseconds without loss: microseconds follow the decimal point."""
    whole, rest = divmod((moment - EPOCH) // MICROSECOND, 1000)
    return f"{whole}.{rest:03d}" if rest else str(whole)


@lru_cache(maxsize=1024)
def from_epoch_ms(text: str) -> datetime:
    """Undo `epoch_ms`, also where DynamoDB dropped trailing zeros."""
    whole, _, rest = text.partition(".")
    return EPOCH + timedelta(milliseconds=int(whole), microseconds=int(f"{rest:0<3}"))


@lru_cache(maxsize=1024)
def moment_text(moment: datetime) -> str:
    """Return ISO 8601 in UTC, in its basic format and without trailing zeros: a KB is billed."""
    text = moment.astimezone(UTC).isoformat().removesuffix("+00:00")
    text = text.replace("-", "").replace(":", "")
    return f"{text.removesuffix('000') if '.' in text else text}Z"


@lru_cache(maxsize=1024)
def from_moment_text(text: str) -> datetime:
    """Undo `moment_text`; older rows have the extended format."""
    return datetime.fromisoformat(text)
