"""The endpoints' signing secrets in memory, changed by one operator at a time."""

from collections import deque
from collections.abc import Callable

from couponbus.aws.webhooks.signing_keys import SigningSecrets
from couponbus.domain.errors import SecretUnavailable


class MemorySigningSecrets:
    """Everything is in `document`, for tests to read and to set up."""

    def __init__(self) -> None:
        self.document: SigningSecrets = {}
        self._failures: deque[str] = deque()

    def will_fail(self) -> None:
        """Let the next change store nothing."""
        self._failures.append("webhooks: ThrottlingException")

    def read(self) -> SigningSecrets:
        return self.document

    def change(self, change: Callable[[SigningSecrets], SigningSecrets]) -> SigningSecrets:
        if self._failures:
            raise SecretUnavailable(self._failures.popleft())
        self.document = change(self.document)
        return self.document

    def secrets_of(self, endpoint_id: str) -> list[str]:
        """Return an endpoint's secrets, the newest first."""
        return [one.secret for one in self.document.get(endpoint_id, ())]
