"""The secrets of those who call us, from Secrets Manager, asked rarely whatever is tried."""

from collections.abc import Callable, Mapping, Sequence

from couponbus.aws.secrets import Secrets
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.inbound.callback_account import CallbackAccount
from couponbus.domain.inbound.secret_list import path_secrets_in, signing_keys_in


class StoredInboundKeys:
    """`ports.callbacks.InboundKeys` in one secret."""

    def __init__(self, *, secrets: Secrets, secret_id: str) -> None:
        """Take them from this secret, which may hold several."""
        self._secrets = secrets
        self._secret_id = secret_id

    def current(self) -> Sequence[bytes]:
        """Return those that are known. Raises SecretUnavailable, ConfigurationInvalid."""
        return _read(self._secrets, self._secret_id, signing_keys_in)

    def renewed(self) -> Sequence[bytes]:
        """Return them, read again at most every 30 s."""
        self._secrets.refresh(self._secret_id)
        return self.current()


class StoredPathSecrets:
    """`ports.callbacks.PathSecrets`, a secret for each account."""

    def __init__(self, *, secrets: Secrets, accounts: Sequence[CallbackAccount]) -> None:
        """Know the secrets of these accounts."""
        self._secrets = secrets
        self._accounts = accounts

    def current(self) -> Mapping[str, Sequence[str]]:
        """Return those that are known. Raises SecretUnavailable, ConfigurationInvalid."""
        return {
            account.name: _read(self._secrets, account.secret_id, path_secrets_in)
            for account in self._accounts
        }

    def renewed(self) -> Mapping[str, Sequence[str]]:
        """Return them, each read again at most every 30 s."""
        for account in self._accounts:
            self._secrets.refresh(account.secret_id)
        return self.current()


def _read[R](secrets: Secrets, secret_id: str, read: Callable[[str], R]) -> R:
    """Read a secret; one that is not as it must be is not kept for minutes."""
    try:
        return read(secrets.get(secret_id))
    except ConfigurationInvalid:
        secrets.refresh(secret_id)
        raise
