"""The outcome of the load, read where it is stored: provider, ledger, bus, queues."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.row import Row
from couponbus_sandbox.demo.depth import depth
from couponbus_sandbox.demo.evidence import unusual_logs
from couponbus_sandbox.demo.load import Load
from couponbus_sandbox.demo.rows import rows_of
from couponbus_sandbox.demo.subscription import Subscription
from couponbus_sandbox.local.stack import LocalStack
from couponbus_sandbox.simulator.faults import BATCH_ROUTE

LOOKUP_ROUTE = "GET /barcode"
MUST_BE_EMPTY = ("signups", "signups-dead", "undelivered", "unpublished")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The end of a run.

    `provider` has the barcode numbers by customer, `ledger` those of ISSUED rows. `published` has
    the deliveries by event id, by customer. `posts` are the items of each batch call,
    `failed_posts` is how many of these met a fault, `lookups` counts the look-ups. `unusual_logs`
    are lines that the functions logged beyond the routine.
    """

    load: Load
    collectors: int
    provider: Mapping[int, Sequence[str]]
    ledger: Mapping[int, str]
    states: Mapping[str, int]
    published: Mapping[int, Counter[str]]
    events: Mapping[str, int]
    rejected: frozenset[str]
    quarantined: int
    left_over: Mapping[str, int]
    posts: Sequence[int]
    failed_posts: int
    lookups: int
    faults: Mapping[str, int]
    unusual_logs: Sequence[str]


def gather(stack: LocalStack, load: Load, subscription: Subscription, *, collectors: int) -> Facts:
    """Read everything once, after all work has ended."""
    rows = list(rows_of(stack))
    calls = stack.coniq.calls()
    batches = [call for call in calls if call["route"] == BATCH_ROUTE]
    return Facts(
        load=load,
        collectors=collectors,
        provider=_by_customer(stack.coniq.barcodes()),
        ledger=_issued(rows),
        states=_states(rows),
        published=_published(load, subscription),
        events=subscription.counts(),
        rejected=frozenset(subscription.events("SignUpRejected")),
        quarantined=depth(stack, "quarantine"),
        left_over={name: depth(stack, name) for name in MUST_BE_EMPTY},
        posts=stack.coniq.state.items_per_batch,
        failed_posts=sum(call["fault"] is not None for call in batches),
        lookups=sum(call["route"] == LOOKUP_ROUTE for call in calls),
        faults=stack.coniq.state.faults_fired,
        unusual_logs=unusual_logs(stack),
    )


def _issued(rows: Sequence[Row]) -> Mapping[int, str]:
    return {
        row.customer_id: row.barcode.number
        for row in rows
        if isinstance(row, Issuance) and row.state is IssuanceState.ISSUED and row.barcode
    }


def _states(rows: Sequence[Row]) -> Mapping[str, int]:
    """Count the issuances by state; other rows are no barcodes."""
    return Counter(row.state.value for row in rows if isinstance(row, Issuance))


def _by_customer(barcodes: Sequence[Mapping[str, object]]) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for barcode in barcodes:
        found[int(str(barcode["customer_id"]))].append(str(barcode["barcode_number"]))
    return found


def _published(load: Load, subscription: Subscription) -> Mapping[int, Counter[str]]:
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for sign_up, ids in subscription.events("BarcodeIssued").items():
        found[load.customer_of.get(sign_up, 0)] += ids
    return found
