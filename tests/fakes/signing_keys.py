"""The endpoints' signing keys in a dict."""

from collections.abc import Sequence

from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable


def key_not_real(name: str) -> bytes:
    """Return a key that is visibly not a real one."""
    return f"test-key-not-real-{name}".ljust(32, "-").encode()


class MemorySigningKeys:
    """`keys` has those of each endpoint; a secret that cannot be read is `failure`."""

    def __init__(self) -> None:
        self.keys: dict[str, Sequence[bytes]] = {}
        self.failure: SecretUnavailable | None = None

    def of(self, endpoint_id: str) -> Sequence[bytes]:
        if self.failure is not None:
            raise self.failure
        if not self.keys.get(endpoint_id):
            raise ConfigurationInvalid(f"endpoint {endpoint_id} has no signing secret")
        return self.keys[endpoint_id]
