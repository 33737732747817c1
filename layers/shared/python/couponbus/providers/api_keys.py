"""The source of the provider accounts' API keys."""

from typing import Protocol


class ApiKeys(Protocol):
    """API keys that are cached for a while."""

    def api_key(self, secret_id: str) -> str:
        """Return the key. Raises SecretUnavailable, or ConfigurationInvalid for a bad secret."""
        ...

    def refresh(self, secret_id: str) -> object:
        """Drop it from the cache, so that the next call reads it again."""
        ...
