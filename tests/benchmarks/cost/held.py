"""What each step may cost: one line a step, in `held.txt`.

`python -m tests.benchmarks.cost.held` writes the file anew; the difference shows what has changed.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.benchmarks.bill import Bill
from tests.benchmarks.cost.scenarios import bills
from tests.benchmarks.cost.simulators import simulators
from tests.benchmarks.cost.stage import a_deployment

FILE = Path(__file__).with_name("held.txt")
COLUMNS = ("table", "index", "reads", "requests", "sqs", "bus", "invocations")
DIGITS = 3

type Costs = Mapping[str, str]


def measured() -> Mapping[str, Bill]:
    """Run all steps."""
    with simulators() as found, a_deployment(found) as stage:
        return dict(bills(stage))


def costs_of(bill: Bill) -> Costs:
    """Return the columns of a bill, as the file has them."""
    return {name: f"{getattr(bill, name):.{DIGITS}f}" for name in COLUMNS}


def held() -> Mapping[str, Costs]:
    """Return the lines of the file by their names."""
    lines = FILE.read_text(encoding="utf-8").splitlines()[1:]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {name: dict(zip(COLUMNS, cells, strict=True)) for name, *cells in rows}


def differences(found: Mapping[str, Bill]) -> list[str]:
    """Return each figure that is not the held one, dearer or cheaper."""
    expected, costs = held(), {name: costs_of(bill) for name, bill in found.items()}
    return [
        f"{name}: {column} {_at(expected, name, column)} -> {_at(costs, name, column)}"
        for name in dict.fromkeys((*expected, *costs))
        for column in COLUMNS
        if _at(expected, name, column) != _at(costs, name, column)
    ]


def _at(costs: Mapping[str, Costs], name: str, column: str) -> str:
    return costs.get(name, {}).get(column, "none")


def _lines(found: Mapping[str, Bill]) -> Iterator[str]:
    rows = [("", COLUMNS), *((name, [*costs_of(bill).values()]) for name, bill in found.items())]
    for name, cells in rows:
        yield " | ".join([f"{name:50}", *(f"{cell:>11}" for cell in cells)])


if __name__ == "__main__":
    sums = measured()
    sys.stdout.writelines(f"{line}\n" for line in differences(sums))
    FILE.write_text("".join(f"{line}\n" for line in _lines(sums)), encoding="utf-8")
