"""Find the rows that match what an operator typed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from couponbus.aws.ledger.codec import sign_up_of
from couponbus.domain.identity import ID_LENGTH, issuance_id
from couponbus.domain.issuing.issuance import Issuance, issuance_key
from couponbus.domain.issuing.issuing_batch import IssuingBatch, batch_key
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.polling.notice import Notice
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row, Rows
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.event_record import EventRecord, event_key
from couponbus_cli.app.unreadable import readable_of, report_unreadable
from couponbus_cli.app.world import World
from couponbus_cli.deliveries.events import (
    SEARCHED,
    deliveries_of,
    event_id_in,
    event_keys_of,
    unwanted_event,
)
from couponbus_cli.logs.rows_of_trace import keys_of_trace
from couponbus_cli.logs.traces import trace_in

TRACKING_CODE = re.compile(rf"[A-Za-z0-9_-]{{0,20}}([A-Z2-7]{{{ID_LENGTH}}})")
IDENTITY = re.compile(rf"[A-Z2-7]{{{ID_LENGTH}}}")
KINDS = (
    "ISSUANCE",
    "RESOLUTION",
    "REJECTION",
    "UNMATCHED",
    "WATCH",
    "REDEMPTION",
    "NOTICE",
    "STOCK",
    "DELIVERY",
)
KEY = re.compile(rf"(?:{'|'.join(KINDS)}|BATCH|EVENT)#[A-Za-z0-9_-]{{1,100}}")
QUERY_BYTES = 1024  # more than the key of an index takes
CUSTOMER = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rows, the batches of the issuances by id, and what was searched, as text."""

    rows: Sequence[Row]
    searched: Sequence[str]
    batches: Mapping[str, IssuingBatch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """Reads rows, and remembers the keys of those that this version cannot read."""

    world: World
    broken: set[str] = field(default_factory=set)

    def rows(self, keys: Sequence[str]) -> Rows:
        return self._noted(self.world.rows.read(keys))

    def of_signup(self, *, tenant: str, signup_id: str) -> Rows:
        return self._noted(self.world.report.of_signup(tenant=tenant, signup_id=signup_id))

    def _noted(self, rows: Rows) -> Rows:
        self.broken.update(rows.broken)
        return rows


def find(query: str, *, tenant: str, world: World) -> Found:
    """Look up a trace, a tracking code, a couponbus id, a webhook-id, a customer, or a sign-up.

    Unreadable rows are reported on stderr. Raises Failed if no log can be read.
    """
    if len(query.encode(errors="replace")) > QUERY_BYTES:
        return Found(rows=[], searched=["nothing, as no id is as long"])
    reading = _Reading(world=world)
    searched: list[str] = []
    rows: dict[str, Row] = {}
    keys = keys_in(query)
    if keys:
        searched.append(
            f"the ledger's row {keys[0]}" if len(keys) == 1 else f"rows of the id {query}"
        )
        rows |= reading.rows(keys)
    trace_id = trace_in(query)
    if trace_id is not None and not rows:
        searched.append(f"the rows that log lines name with the trace {trace_id}")
        rows |= _of_trace(trace_id, reading)
    if not rows and CUSTOMER.fullmatch(query):
        programs = readable_of(world.programs.active())
        searched.append(_customer_search(query, tenant, programs))
        rows |= reading.rows(keys_of_customer(int(query), tenant=tenant, programs=programs))
    if not rows or CUSTOMER.fullmatch(query):
        searched.append(f"rows of a sign-up {query} of the tenant {tenant}")
        rows |= _of_sign_up(query, tenant=tenant, reading=reading)
    if not rows:
        rows |= _unwanted(query, searched, world)
    for row in list(rows.values()):
        rows |= _poll_results_of(row, reading)
    rows |= _webhooks_of(rows.values(), reading)
    batches = _batches_of(rows.values(), reading)
    report_unreadable("rows", reading.broken)
    return Found(rows=list(rows.values()), searched=searched, batches=batches)


def key_in(query: str) -> str | None:
    """Return the key of the issuance, or other row, that a key, an id or a code stands for."""
    keys = keys_in(query)
    return keys[0] if keys else None


def keys_in(query: str) -> Sequence[str]:
    """Return the keys of the rows that a key, an id or a tracking code may stand for."""
    if KEY.fullmatch(query):
        return [query]
    if IDENTITY.fullmatch(query):
        return [f"{kind}#{query}" for kind in KINDS]
    code = TRACKING_CODE.fullmatch(query)
    if code:
        return [issuance_key(code[1])]
    event_id = event_id_in(query)
    return [] if event_id is None else [event_key(event_id)]


def keys_of_customer(
    customer_id: int, *, tenant: str, programs: Iterable[Program]
) -> Sequence[str]:
    """Return the keys that the customer's issuances would have."""
    ids = (
        issuance_id(
            tenant=tenant,
            account=program.account,
            customer_id=customer_id,
            offer_id=program.offer_id,
            occurrence=program.occurrence,
        )
        for program in programs
        if program.account is not None and program.offer_id is not None
    )
    return list(dict.fromkeys(issuance_key(each) for each in ids))


def _of_sign_up(signup_id: str, *, tenant: str, reading: _Reading) -> dict[str, Row]:
    rows = dict(reading.of_signup(tenant=tenant, signup_id=signup_id))
    for row in list(rows.values()):
        if isinstance(row, Resolution) and row.customer_id is not None:
            programs = [
                each
                for each in reading.world.programs.active().readable
                if each.name == row.program
            ]
            keys = keys_of_customer(row.customer_id, tenant=tenant, programs=programs)
            # Another sign-up may have been first: then the issuance carries that one's id.
            rows |= reading.rows(keys)
    return rows


def _of_trace(trace_id: str, reading: _Reading) -> dict[str, Row]:
    """Return the rows that log lines name, and all others of their sign-ups."""
    world = reading.world
    keys = keys_of_trace(trace_id, logs=world.logs, stage=world.stage, now=world.clock.now())
    rows = dict(reading.rows(keys))
    for tenant, signup_id in dict.fromkeys(filter(None, map(_sign_up_in, rows.values()))):
        rows |= reading.of_signup(tenant=tenant, signup_id=signup_id)
    return rows


def _sign_up_in(row: Row) -> tuple[str, str] | None:
    """Return the sign-up of a row, or the one that an event names."""
    if not isinstance(row, EventRecord):
        return sign_up_of(row)
    named = row.data.get("signup_id")
    return (row.tenant, named) if isinstance(named, str) else None


def _unwanted(query: str, searched: list[str], world: World) -> dict[str, Row]:
    """Return the event of this id if no endpoint wanted it."""
    event_id = event_id_in(query)
    if event_id is None:
        return {}
    searched.append(f"what no endpoint wanted in the last {SEARCHED.days} days")
    event = unwanted_event(event_id, world=world)
    return {} if event is None else {event.key: event}


def _poll_results_of(row: Row, reading: _Reading) -> dict[str, Row]:
    """Return the watches of an issuance, and what the polls of a watch have found."""
    if not isinstance(row, Issuance | Watch):
        return {}
    beside = reading.of_signup(tenant=row.tenant, signup_id=row.signup_id)
    kinds = Watch | RecordedRedemption | Notice
    found = [each for each in beside.values() if isinstance(each, kinds)]
    if isinstance(row, Watch):
        found = [each for each in found if each.watch_id == row.watch_id]
    return {each.key: each for each in found}


def _webhooks_of(rows: Iterable[Row], reading: _Reading) -> dict[str, Row]:
    """Return the events of rows and deliveries that were found, and the deliveries of these."""
    found = list(rows)
    keys = [event_key(row.event_id) for row in found if isinstance(row, Delivery)]
    keys += event_keys_of(row for row in found if sign_up_of(row) is not None)
    beside = [*found, *(reading.rows(keys).values() if keys else ())]
    events = {row.key: row for row in beside if isinstance(row, EventRecord)}
    deliveries = deliveries_of(list(events.values()), world=reading.world)
    return {**events, **{each.key: each for each in deliveries}}


def _batches_of(rows: Iterable[Row], reading: _Reading) -> Mapping[str, IssuingBatch]:
    """Return the batches that owe an outcome, or an event, or have owed it."""
    claims = (row.claim_id for row in rows if isinstance(row, Issuance))
    keys = [batch_key(claim_id) for claim_id in dict.fromkeys(claims) if claim_id is not None]
    found = reading.rows(keys).of(IssuingBatch) if keys else ()
    return {batch.batch_id: batch for batch in found}


def _customer_search(customer: str, tenant: str, programs: Sequence[Program]) -> str:
    names = ", ".join(program.name for program in programs) or "there are none"
    return f"issuances of the customer {customer} of the tenant {tenant} for each program ({names})"
