"""Where the keys of provider accounts come from."""

from typing import Protocol


class ApiKeys(Protocol):
    """Secrets that are remembered for a while."""

    def api_key(self, secret_id: str) -> str:
        """Return the key. Raises SecretUnavailable, or ConfigurationInvalid for a bad secret."""
        ...

    def refresh(self, secret_id: str) -> object:
        """Forget it, so that the next call reads it anew."""
        ...
