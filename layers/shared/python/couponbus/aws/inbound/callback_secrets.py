"""The secrets of inbound callers, from Secrets Manager; wrong guesses cause few reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from couponbus.aws.secrets import Secrets
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.inbound.callbacks import CallbackAccount, path_secrets_in, signing_keys_in


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInboundKeys:
    """`ports.callbacks.InboundKeys` in one secret."""

    secrets: Secrets
    secret_id: str

    def current(self) -> Sequence[bytes]:
        """Return the cached keys. Raises SecretUnavailable, ConfigurationInvalid."""
        return _read(self.secrets, self.secret_id, signing_keys_in)

    def renewed(self) -> Sequence[bytes]:
        """Return the keys, read again at most every 30 s."""
        self.secrets.refresh(self.secret_id)
        return self.current()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPathSecrets:
    """`ports.callbacks.PathSecrets`, one secret for each account."""

    secrets: Secrets
    accounts: Sequence[CallbackAccount]

    def current(self) -> Mapping[str, Sequence[str]]:
        """Return the cached secrets by account. Raises SecretUnavailable, ConfigurationInvalid."""
        return {
            account.name: _read(self.secrets, account.secret_id, path_secrets_in)
            for account in self.accounts
        }

    def renewed(self) -> Mapping[str, Sequence[str]]:
        """Return the secrets by account, each read again at most every 30 s."""
        for account in self.accounts:
            self.secrets.refresh(account.secret_id)
        return self.current()


def _read[R](secrets: Secrets, secret_id: str, read: Callable[[str], R]) -> R:
    """Read a secret; do not cache an invalid one for minutes."""
    try:
        return read(secrets.get(secret_id))
    except ConfigurationInvalid:
        secrets.refresh(secret_id)
        raise
