"""Signing secrets: stored in Secrets Manager, cached by processes, known to receivers."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from botocore.exceptions import EndpointConnectionError

from couponbus.aws.secrets import Secrets
from couponbus.aws.webhooks.signing_keys import SigningSecret, StoredSigningKeys, text_of
from couponbus.domain.errors import SecretUnavailable
from couponbus.domain.webhooks.signature import key_of, secret_of
from tests.simulation.faults import ERROR, LOST, UNANSWERED
from tests.simulation.ports import SkewedClock
from tests.simulation.world import BEGIN, World

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECRET_ID = "webhooks"
OVERLAP = timedelta(hours=24)
REMEMBERED = 3600.0  # seconds: a process that cannot reload it uses its older copy for this time


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of an endpoint, valid from `since` to `until`, in seconds of the run."""

    text: str
    since: float
    until: float

    @property
    def key(self) -> bytes:
        return key_of(self.text)


class Vault:
    """Every secret that ever existed, and the document of the valid ones."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made = 0
        self._all: dict[str, list[Secret]] = {}

    def put_new(self, endpoint_id: str) -> str:
        """Add a secret, beside which the one before is valid for a day, and return it.

        Raises SecretUnavailable when it may not be there.
        """
        fault = self._world.call("secrets.put")
        if fault == LOST:
            raise SecretUnavailable("put_secret_value: ThrottlingException")
        text = self._next()
        now = self._world.now
        kept = [
            Secret(one.text, one.since, min(one.until, now + OVERLAP.total_seconds()))
            for one in self._all.get(endpoint_id, ())
        ]
        self._all[endpoint_id] = [Secret(text, now, float("inf")), *kept]
        self._world.answer(fault)
        if fault == UNANSWERED:
            raise SecretUnavailable("put_secret_value: ReadTimeoutError")
        return text

    def of(self, endpoint_id: str) -> list[Secret]:
        return self._all.get(endpoint_id, [])

    def texts(self) -> list[str]:
        return [one.text for several in self._all.values() for one in several]

    def document(self) -> str:
        now = self._world.now
        return text_of(
            {
                endpoint_id: tuple(
                    SigningSecret(secret=one.text, until=_moment(one.until))
                    for one in several
                    if one.until > now
                )
                for endpoint_id, several in self._all.items()
            }
        )

    def _next(self) -> str:
        self._made += 1
        return secret_of(hashlib.sha256(f"obviously fake {self._made}".encode()).digest())


class _Client:
    """The part of Secrets Manager that is called."""

    def __init__(self, world: World, vault: Vault) -> None:
        self._world = world
        self._vault = vault

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:
        if self._world.call("secrets.read") == ERROR:
            raise EndpointConnectionError(endpoint_url=SecretId)
        return {"SecretString": self._vault.document()}


def signing_keys(world: World, vault: Vault) -> StoredSigningKeys:
    """Return the keys as a new process reads them, and caches them for some minutes."""
    clock = SkewedClock(world)
    client = cast("SecretsManagerClient", _Client(world, vault))
    return StoredSigningKeys(
        secrets=Secrets(client=client, clock=clock), secret_id=SECRET_ID, clock=clock
    )


def canaries(vault: Vault) -> list[str]:
    """Return what must be nowhere: each secret, and its key in hex."""
    keys = [one.removeprefix("whsec_") for one in vault.texts()]
    return keys + [base64.b64decode(one).hex() for one in keys]


def _moment(seconds: float) -> datetime | None:
    return None if seconds == float("inf") else BEGIN + timedelta(seconds=seconds)
