"""Ports of the use cases for inbound HTTP requests."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from couponbus.domain.inbound.ignored_callbacks import IgnoredCallbacks, IgnoreReason


class SignUps(Protocol):
    """The queue of sign-ups, as a producer writes to it."""

    def send(self, messages: Sequence[str]) -> None:
        """Send each as a message of its own, or raise QueueUnavailable when one may be missing."""
        ...


class InboundKeys(Protocol):
    """The keys with which sign-ups may be signed: several while the secret is rotated."""

    def current(self) -> Sequence[bytes]:
        """Return those that are known, for minutes. Raises SecretUnavailable, ConfigurationInvalid.

        The second one for a malformed secret.
        """
        ...

    def renewed(self) -> Sequence[bytes]:
        """Return them after a signature did not match; they are read again if that is a while ago.

        Raises SecretUnavailable, ConfigurationInvalid.
        """
        ...


class PathSecrets(Protocol):
    """The secrets in the paths that providers call, by account."""

    def current(self) -> Mapping[str, Sequence[str]]:
        """Return those that are known. Raises SecretUnavailable, ConfigurationInvalid."""
        ...

    def renewed(self) -> Mapping[str, Sequence[str]]:
        """Return them after none matched; they are read again if that is a while ago.

        Raises SecretUnavailable, ConfigurationInvalid.
        """
        ...


class IgnoredCallbackCounts(Protocol):
    """How many callbacks named no watch, by account and day."""

    def count(self, *, account: str, reason: IgnoreReason) -> None:
        """Add one. Never raises: a count that fails must not change the answer."""
        ...

    def recent(self, account: str) -> IgnoredCallbacks | None:
        """Return those of today and yesterday (UTC), None without any. Raises LedgerUnavailable."""
        ...
