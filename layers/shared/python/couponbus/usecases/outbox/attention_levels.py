"""How many rows wait for an operator, counted each minute and never by a scan."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from couponbus.domain.outbox.backlog import Attention
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.ports.shared import Ledger
from couponbus.usecases.invocation import Metric

MOST = 1000  # of each kind; an operator who is shown that many need not know how many more


def ambiguous_open(ledger: Ledger) -> int:
    """Count the ambiguous issuances, up to MOST. Raises LedgerUnavailable."""
    return len(ledger.attention(Attention.AMBIGUOUS, limit=MOST))


def endpoints_disabled(ledger: Ledger) -> int:
    """Count the disabled among MOST endpoints, by their rows. Raises LedgerUnavailable.

    One that cannot be read is not counted: the functions that need it name it.
    """
    keys = ledger.attention(Attention.ENDPOINTS, limit=MOST)
    endpoints = ledger.read(keys).of(Endpoint) if keys else []
    return sum(endpoint.state is EndpointState.DISABLED for endpoint in endpoints)


COUNTED: Mapping[Metric, Callable[[Ledger], int]] = MappingProxyType(
    {Metric.AMBIGUOUS_OPEN: ambiguous_open, Metric.ENDPOINTS_DISABLED: endpoints_disabled}
)
