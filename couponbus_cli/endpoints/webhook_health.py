"""Which endpoints cannot be reached, and what an operator should do about it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rich.table import Column, Table

from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.retry_schedule import DISABLED_AFTER
from couponbus_cli.app.formatting import when
from couponbus_cli.endpoints.rows import failing, shown_url, state_of

REPORT_AFTER = timedelta(hours=6)  # for a failing endpoint: most recover by themselves


def unreachable(endpoints: Sequence[Endpoint], now: datetime) -> Iterator[str]:
    """Yield a sentence for each endpoint that needs an operator or its owner."""
    for one in endpoints:
        name = one.endpoint_id
        if one.state is EndpointState.DISABLED:
            yield (
                f"the endpoint {name} is {state_of(one)}: couponbus endpoints resume {name} when it"
                f" works again, or remove {name}"
            )
        failing_since = one.failing_since if one.state is EndpointState.ACTIVE else None
        if failing_since is not None and now - failing_since > REPORT_AFTER:
            yield (
                f"the endpoint {name} has failed {failing(one, now)}: its owner must repair it, or"
                f" it is disabled {when(failing_since + DISABLED_AFTER, now)}; see couponbus"
                f" deliveries list --endpoint {name}"
            )


def table_of(endpoints: Sequence[Endpoint], *, now: datetime) -> Table:
    """Return a line for each."""
    table = Table(Column("endpoint", no_wrap=True))
    for column in ("tenant", "url", "state", "failing"):
        table.add_column(column, overflow="fold")
    for one in endpoints:
        table.add_row(
            one.endpoint_id, one.tenant, shown_url(one.url), state_of(one), failing(one, now)
        )
    return table


def data_of(endpoints: Sequence[Endpoint]) -> list[dict[str, object]]:
    """Return the same with stable keys."""
    return [
        {
            "endpoint_id": one.endpoint_id,
            "tenant": one.tenant,
            "state": one.state.value,
            "reason": one.reason,
            "failing_since": one.failing_since and one.failing_since.isoformat(),
        }
        for one in endpoints
    ]
