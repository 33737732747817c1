"""The secrets of callers, which a test can rotate and take away."""

from collections.abc import Mapping, Sequence

from couponbus.domain.errors import CouponbusError


class _Renewable[Secret]:
    """A cached secret that may be old; `renewals` counts how often it was read again."""

    def __init__(self, secret: Secret) -> None:
        self.rotated = secret
        self.failure: CouponbusError | None = None
        self.renewals = 0
        self._known = secret

    def current(self) -> Secret:
        if self.failure is not None:
            raise self.failure
        return self._known

    def renewed(self) -> Secret:
        self.renewals += 1
        self._known = self.rotated
        return self.current()


class MemorySigningKeys(_Renewable[Sequence[bytes]]):
    """`ports.callbacks.SigningKeys`."""


class MemoryPathSecrets(_Renewable[Mapping[str, Sequence[str]]]):
    """`ports.callbacks.PathSecrets`."""
