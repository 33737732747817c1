"""What each step costs, as tables: units, requests, and USD by the list prices of a day."""

from collections.abc import Iterator, Mapping

from tests.benchmarks import collecting
from tests.benchmarks.bill import Bill
from tests.benchmarks.cost.plain_design import plain
from tests.benchmarks.cost.prices import PRICES
from tests.benchmarks.cost.scenarios import bills
from tests.benchmarks.cost.simulators import simulators
from tests.benchmarks.cost.stage import a_deployment
from tests.benchmarks.cost.stored import Stored, stored
from tests.benchmarks.figure import Figure
from tests.benchmarks.units import KB

SOME = 100  # a batch of most steps
PLAIN = "plain design, without result and outbox"


def tables() -> Iterator[str]:
    """Run all steps, and yield a line for each as it is done; then storage."""
    yield "| step | units: table, index | sum | reads | calls | KB | SQS | bus | Lambda | USD |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    written: dict[str, float] = {}
    priced: dict[str, Mapping[str, float]] = {}
    with simulators() as found, a_deployment(found) as stage:
        for name, bill in bills(stage, some=SOME):
            written[name], priced[name] = bill.written, PRICES.usd(bill)
            yield _row(name, bill)
        kept = stored(stage.items())
    bill = plain()
    written[PLAIN], priced[PLAIN] = bill.written, PRICES.usd(bill)
    yield _row(PLAIN, bill)
    yield ""
    yield from _by_service(priced)
    yield ""
    yield from _storage(kept)
    yield ""
    yield "POSTs for 1,000 sign-ups; mean and longest wait for one:"
    yield from collecting.settings()
    yield from _figures(written, priced, kept)


def _row(name: str, bill: Bill) -> str:
    cells = (
        f"{bill.table:.2f}, {bill.index:.2f}",
        f"{bill.written:.2f}",
        *(f"{count:.2f}" for count in (bill.reads, bill.requests, bill.bytes / KB)),
        *(f"{count:.2f}" for count in (bill.sqs, bill.bus)),
        f"{bill.invocations:.3f}",
        f"{sum(PRICES.usd(bill).values()):.2f}",
    )
    return f"| {name} | {' | '.join(cells)} |"


def _by_service(priced: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    services = [*next(iter(priced.values()))]
    yield f"| USD for a million, {PRICES.day}, {PRICES.region} | {' | '.join(services)} | sum |"
    yield f"|---|{'--:|' * (len(services) + 1)}"
    for name, usd in priced.items():
        cells = [f"{usd[service]:.2f}" for service in services]
        yield f"| {name} | {' | '.join(cells)} | {sum(usd.values()):.2f} |"


def _storage(kept: Stored) -> Iterator[str]:
    yield "| a million issued rows, a month | bytes of each: row, index entries | USD |"
    yield "|---|--:|--:|"
    yield f"| with point-in-time recovery | {kept.table:.0f}, {kept.index:.0f} | {kept.usd:.2f} |"


def _figures(
    written: Mapping[str, float], priced: Mapping[str, Mapping[str, float]], kept: Stored
) -> Iterator[str]:
    for name, units in written.items():
        unit = f"units, USD {sum(priced[name].values()):.2f}"
        yield Figure(name=f"a million: {name}", value=units, unit=unit).line()
    yield Figure(name="a million issued rows a month", value=kept.usd, unit="USD", digits=2).line()
