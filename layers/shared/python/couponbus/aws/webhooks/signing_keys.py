"""The endpoints' signing secrets: one JSON object in one secret, with all that are still valid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.webhooks.signature import key_of
from couponbus.ports.shared import Clock


class SigningSecret(BaseModel):
    """One of an endpoint's secrets; `until` is None for the one that replaced all others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: str = Field(repr=False)
    until: AwareDatetime | None = None


type SigningSecrets = Mapping[str, tuple[SigningSecret, ...]]

_DOCUMENT: TypeAdapter[dict[str, tuple[SigningSecret, ...]]] = TypeAdapter(
    dict[str, tuple[SigningSecret, ...]]
)


class _KeySecrets(Protocol):
    def get(self, secret_id: str) -> str: ...

    def refresh(self, secret_id: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSigningKeys:
    """`ports.webhooks.SigningKeys`, from a secret that is cached for some minutes."""

    secrets: _KeySecrets
    secret_id: str
    clock: Clock
    _parsed: dict[str, SigningSecrets] = field(default_factory=dict, init=False, repr=False)

    def of(self, endpoint_id: str) -> Sequence[bytes]:
        """Return the keys that are valid now.

        A missing one may be newer than the cached copy, which is then read again.
        Raises SecretUnavailable, ConfigurationInvalid.
        """
        keys = self._valid(endpoint_id)
        if not keys:
            self.secrets.refresh(self.secret_id)
            keys = self._valid(endpoint_id)
        if not keys:
            raise ConfigurationInvalid(f"endpoint {endpoint_id} has no signing secret")
        return keys

    def _valid(self, endpoint_id: str) -> list[bytes]:
        return valid_keys(self._document(), endpoint_id, self.clock.now())

    def _document(self) -> SigningSecrets:
        """Return the secret, parsed once: each webhook needs it, and it grows with endpoints."""
        text = self.secrets.get(self.secret_id)
        document = self._parsed.get(text)
        if document is None:
            document = document_of(text)
            self._parsed.clear()
            self._parsed[text] = document
        return document


def document_of(text: str) -> SigningSecrets:
    """Parse the secret. Raises ConfigurationInvalid, without a word of the secret."""
    try:
        return _DOCUMENT.validate_json(text)
    except ValidationError:
        pass
    raise ConfigurationInvalid("the secret of the webhooks is not the object that it should be")


def text_of(document: SigningSecrets) -> str:
    """Return the secret's text."""
    return _DOCUMENT.dump_json(dict(document)).decode()


def valid_keys(document: SigningSecrets, endpoint_id: str, now: datetime) -> list[bytes]:
    """Return an endpoint's valid keys, in stored order. Raises ConfigurationInvalid."""
    listed = document.get(endpoint_id, ())
    return [key_of(one.secret) for one in listed if one.until is None or now < one.until]
