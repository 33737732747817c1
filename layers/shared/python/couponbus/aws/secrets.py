"""Secrets Manager with a cache; no part of a secret is ever shown."""

import json
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable
from couponbus.ports.shared import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FRESH = timedelta(minutes=5)
STALE = timedelta(minutes=50)
BETWEEN_READS = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, repr=False)
class _Copy:
    """A cached secret, when it was read, and until when it is fresh; its repr shows nothing."""

    value: str
    read_at: datetime
    fresh_until: datetime


class Secrets:
    """Secrets by id (name or ARN), each cached for five minutes."""

    def __init__(
        self,
        *,
        client: "SecretsManagerClient",
        clock: Clock,
        between_reads: timedelta = BETWEEN_READS,
    ) -> None:
        """`between_reads` is the minimum interval between reads of a failing or refused secret."""
        self._client = client
        self._clock = clock
        self._between_reads = between_reads
        self._copies: dict[str, _Copy] = {}
        self._readings: dict[str, Future[str]] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "Secrets()"

    def get(self, secret_id: str) -> str:
        """Return the secret; while it cannot be read, the cached one for up to 50 minutes.

        Raises SecretUnavailable.
        """
        copy = self._copies.get(secret_id)
        if copy is not None and self._clock.now() < copy.fresh_until:
            return copy.value
        return self._read_by_one(secret_id)

    def _read_by_one(self, secret_id: str) -> str:
        """Let one read it of all threads that need it, which are as many as calls to a provider."""
        with self._lock:
            reading = self._readings.get(secret_id)
            if reading is None:
                mine = self._readings[secret_id] = Future()
        if reading is not None:
            return reading.result()
        try:
            mine.set_result(self._renewed(secret_id))
        except BaseException as problem:
            mine.set_exception(problem)
        finally:
            del self._readings[secret_id]
        return mine.result()

    def _renewed(self, secret_id: str) -> str:
        now, copy = self._clock.now(), self._copies.get(secret_id)
        if copy is not None and now < copy.fresh_until:
            return copy.value  # read by another thread in between
        try:
            value = self._read(secret_id)
        except SecretUnavailable:
            if copy is None or now - copy.read_at >= STALE:
                raise
            copy = replace(copy, fresh_until=now + self._between_reads)
        else:
            copy = _Copy(value, now, now + FRESH)
        self._copies[secret_id] = copy
        return copy.value

    def api_key(self, secret_id: str) -> str:
        """Return the key in a secret: plain text, or a JSON object with an `api_key`.

        Raises SecretUnavailable, ConfigurationInvalid for a secret without a key.
        """
        return _api_key(self.get(secret_id), secret_id)

    def refresh(self, secret_id: str) -> None:
        """Have a refused secret read again at its next use, unless it was read just now.

        A key that stays wrong costs a read per interval, not one per attempt.
        """
        now = self._clock.now()
        copy = self._copies.get(secret_id)
        if copy is not None and now - copy.read_at >= self._between_reads:
            self._copies[secret_id] = replace(copy, fresh_until=now)

    def _read(self, secret_id: str) -> str:
        try:
            value = self._client.get_secret_value(SecretId=secret_id).get("SecretString")
        except CallFailed as error:
            code = code_of(error)
            text = f"{_name(secret_id)}: {code}"
            raise SecretUnavailable(text, code=f"get_secret_value:{code}") from None
        if not value:
            raise SecretUnavailable(f"{_name(secret_id)}: no text", code="get_secret_value:no_text")
        return value


def _api_key(value: str, secret_id: str) -> str:
    key: object = value
    if value.lstrip().startswith("{"):
        key = _parsed(value).get("api_key")
    if not isinstance(key, str) or not key.strip():
        raise ConfigurationInvalid(f"secret {_name(secret_id)} has no api_key")
    return key.strip()


def _parsed(value: str) -> Mapping[str, object]:
    try:
        parsed: Mapping[str, object] = json.loads(value)
    except ValueError:
        # The parser's message quotes what it read.
        return {}
    return parsed


def _name(secret_id: str) -> str:
    """Return the last part of an ARN: the account number is not logged."""
    return secret_id.rpartition(":")[2]
