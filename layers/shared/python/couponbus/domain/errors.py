"""The one tree of errors; the class tells the caller what it can do.

CouponbusError
├── InputRejected           what came in is wrong: put it aside, never retry it
├── ConfigurationInvalid    an operator must change a program, an account or a setting
├── TransitionRefused       the row is not in a state that allows this: read it again
├── RowsBroken              these rows cannot be read or stored: leave them, go on with the others
├── Unavailable             one of our own parts did not answer: retry later
│   ├── LedgerUnavailable   a write may or may not have happened
│   ├── QueueUnavailable    a message may or may not have been sent
│   ├── BusUnavailable      an event may or may not have been published
│   └── SecretUnavailable   a secret could not be read
└── ProviderError           a provider did not do what was asked (harmless questions only)
    ├── ProviderBusy        wait for retry_after, then ask again
    ├── ProviderUnavailable ask again later
    ├── CredentialsRefused  read the secret again, once; then tell an operator
    │   └── GatewayDenied   what stands before the provider said so: it may pass by itself
    ├── QuestionRefused     stop asking this until an operator has looked at it
    └── ContractBroken      the answer has not the agreed form: raise an alarm
        ├── FilterIgnored   it lists what was not asked for: it proves no absence
        ├── SeveralCustomers it names several: no later answer will choose one of them
        └── GatewayAnswered what stands before the provider answered in its place
"""

from collections.abc import Iterable, Sequence

KEYS_NAMED = 5


class CouponbusError(Exception):
    """Anything that couponbus raises on purpose."""


class InputRejected(CouponbusError):
    """What came in is wrong and stays wrong; `reason` is a code, `fields` name no values."""

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

    The ledger is well, and so are all other rows: a caller leaves these as they are, lets what
    needs them come again, and goes on with the rest.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        """Name the rows; the text has the first few."""
        self.keys = frozenset(keys)
        named = sorted(self.keys)[:KEYS_NAMED]
        more = f" and {len(self.keys) - len(named)} more" if len(self.keys) > len(named) else ""
        super().__init__(f"rows that cannot be read or stored: {', '.join(named)}{more}")


class Unavailable(CouponbusError):
    """One of our own parts did not answer; the work can be repeated."""


class LedgerUnavailable(Unavailable):
    """The ledger did not answer; a write may or may not have happened.

    `broken` names what it has answered in a form that this version cannot read, where going on
    without that would not be safe.
    """

    def __init__(self, text: str = "", *, broken: Iterable[str] = ()) -> None:
        """Keep the keys of what cannot be read."""
        super().__init__(text)
        self.broken = frozenset(broken)


class QueueUnavailable(Unavailable):
    """The queue did not answer; a message may or may not have been sent."""


class BusUnavailable(Unavailable):
    """The bus did not answer; an event may or may not have been published."""


class SecretUnavailable(Unavailable):
    """A secret could not be read."""


class ProviderError(CouponbusError):
    """A provider did not do what was asked; `route` is a template, nothing here is secret."""

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
    """No usable answer; asking again later is harmless."""


class CredentialsRefused(ProviderError):
    """The key was refused: read it again once, then an operator must look."""


class GatewayDenied(CredentialsRefused):
    """Access was denied not in the provider's own words: the key may be right, and it may pass."""


class QuestionRefused(ProviderError):
    """The provider knows no such thing, or will not speak of it: others may be asked about.

    `codes` are the provider's own numbers for the reason.
    """

    codes: Sequence[int] = ()


class ContractBroken(ProviderError):
    """The answer has not the agreed form."""


class SeveralCustomers(ContractBroken):
    """Several customers have this very e-mail; asking again does not decide between them."""


class GatewayAnswered(ContractBroken):
    """The answer is not in the provider's own form: it says nothing of what was asked."""
