"""The one tree of errors; the class says what the caller can do.

CouponbusError
├── InputRejected           the input is invalid: quarantine it, never retry it
├── ConfigurationInvalid    an operator must change a program, an account or a setting
├── TransitionRefused       the row is not in a state that allows this: read it again
├── RowsBroken              these rows cannot be read or stored: leave them, go on with the others
├── Unavailable             one of our own parts did not answer: retry later
│   ├── LedgerUnavailable   a write may or may not have happened
│   ├── QueueUnavailable    a message may or may not have been sent
│   ├── BusUnavailable      an event may or may not have been published
│   └── SecretUnavailable   a secret could not be read
└── ProviderError           a call failed that changes nothing at the provider
    ├── ProviderBusy        wait for retry_after, then retry
    ├── ProviderUnavailable retry later
    ├── CredentialsRefused  read the secret again, once; then alert an operator
    │   └── GatewayDenied   a gateway before the provider refused: it may pass by itself
    ├── RequestRefused     stop this look-up or poll until an operator has checked it
    └── ContractBroken      the answer is not in the agreed form: raise an alarm
        ├── FilterIgnored   the list holds what was not requested: it proves no absence
        ├── SeveralCustomers the answer names several: no later one will choose between them
        └── GatewayAnswered a gateway before the provider answered in its place
"""

from collections.abc import Iterable, Sequence

KEYS_NAMED = 5


class CouponbusError(Exception):
    """Anything that couponbus raises on purpose."""


class InputRejected(CouponbusError):
    """The input is invalid and stays so; `reason` is a code, `fields` has paths, no values."""

    def __init__(self, reason: str, *, fields: Sequence[str] = ()) -> None:
        """Keep the reason and the paths of the wrong fields."""
        super().__init__(f"{reason}: {', '.join(fields)}" if fields else reason)
        self.reason = reason
        self.fields = tuple(fields)


class ConfigurationInvalid(CouponbusError):
    """An operator must change a program, an account or a setting; the text says which."""


class TransitionRefused(CouponbusError):
    """The row is not in a state that allows this step."""


class RowsBroken(CouponbusError):
    """Rows that this version cannot read, or that no table would store; `keys` names them.

    The ledger and all other rows are fine: a caller leaves these as they are, has the messages
    that need them redelivered, and goes on with the rest.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        """Name the rows; the text has the first few."""
        self.keys = frozenset(keys)
        named = sorted(self.keys)[:KEYS_NAMED]
        more = f" and {len(self.keys) - len(named)} more" if len(self.keys) > len(named) else ""
        super().__init__(f"rows that cannot be read or stored: {', '.join(named)}{more}")


class Unavailable(CouponbusError):
    """One of our own parts did not answer; the work can be repeated.

    `code` names the call and the error, for logs: no part of it comes from the input.
    """

    def __init__(self, text: str = "", *, code: str = "") -> None:
        """Keep the code."""
        super().__init__(text)
        self.code = code


class LedgerUnavailable(Unavailable):
    """The ledger did not answer; a write may or may not have happened.

    `broken` names rows that this version cannot read, where going on without them would not be
    safe.
    """

    def __init__(self, text: str = "", *, code: str = "", broken: Iterable[str] = ()) -> None:
        """Keep the code, and the keys of the rows that cannot be read."""
        super().__init__(text, code=code)
        self.broken = frozenset(broken)


class QueueUnavailable(Unavailable):
    """The queue did not answer; a message may or may not have been sent."""


class BusUnavailable(Unavailable):
    """The bus did not answer; an event may or may not have been published."""


class SecretUnavailable(Unavailable):
    """A secret could not be read."""


class ProviderError(CouponbusError):
    """A call to a provider failed; `route` is a template, nothing here is secret."""

    def __init__(
        self,
        reason: str,
        *,
        provider: str,
        route: str,
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        """Describe the call by its template, never by its URL."""
        super().__init__(f"{provider} {route}: {reason}")
        self.reason = reason
        self.provider = provider
        self.route = route
        self.status = status
        self.request_id = request_id


class ProviderBusy(ProviderError):
    """The provider asks us to wait; `retry_after` is in seconds, None when it did not say."""

    retry_after: float | None = None


class ProviderUnavailable(ProviderError):
    """No usable answer; a later retry is harmless."""


class CredentialsRefused(ProviderError):
    """The key was refused: read it again once, then an operator must act."""


class GatewayDenied(CredentialsRefused):
    """Access was denied, not in the provider's own form: the key may be right, and it may pass."""


class RequestRefused(ProviderError):
    """The provider does not know the name, or refuses it; calls about others may succeed.

    `codes` are the provider's own numbers for the reason.
    """

    codes: Sequence[int] = ()


class ContractBroken(ProviderError):
    """The answer is not in the agreed form."""


class SeveralCustomers(ContractBroken):
    """Several customers have this e-mail; another look-up cannot decide between them."""


class GatewayAnswered(ContractBroken):
    """The answer is not in the provider's own form: it proves nothing."""
