"""The healthy endpoint that is measured, and the endpoints beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.row import Row
from couponbus.domain.webhooks.directory import TenantEndpoints
from couponbus.domain.webhooks.endpoint import Endpoint
from tests.benchmarks.webhooks.events import TENANT
from tests.benchmarks.webhooks.receivers import Arrivals, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """One endpoint of each of these kinds, failing for this long or not at all."""

    kinds: tuple[Kind, ...] = ()
    failing_for: timedelta | None = None


def rows(neighbours: Neighbours, arrivals: Arrivals, *, now: datetime) -> Iterator[Row]:
    """Yield the rows of a tenant with all of them, the healthy one first."""
    since = None if neighbours.failing_for is None else now - neighbours.failing_for
    endpoints = [
        _endpoint(0, url=arrivals.url(Kind.WELL, 0), failing_since=None, now=now),
        *(
            _endpoint(number, url=arrivals.url(kind, number), failing_since=since, now=now)
            for number, kind in enumerate(neighbours.kinds, start=1)
        ),
    ]
    names = tuple(one.endpoint_id for one in endpoints)
    yield TenantEndpoints(directory_id=TENANT, endpoint_ids=names, revision=1)
    yield from endpoints


def _endpoint(number: int, *, url: str, failing_since: datetime | None, now: datetime) -> Endpoint:
    return Endpoint(
        endpoint_id=f"endpoint-{number:02}",
        tenant=TENANT,
        url=url,
        failing_since=failing_since,
        created_at=now,
        revision=1,
    )
