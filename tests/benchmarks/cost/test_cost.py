"""Each step costs what `held.txt` says: what makes it dearer, or cheaper, changes its line."""

from tests.benchmarks.bill import Bill
from tests.benchmarks.cost.held import differences, held, measured
from tests.benchmarks.cost.prices import PRICES
from tests.benchmarks.cost.stored import stored

FIRST = "sign-up, 1 in a batch"


def test_each_step_costs_what_is_held() -> None:
    assert differences(measured()) == []  # python -m tests.benchmarks.cost.held


def test_a_step_that_becomes_dearer_or_cheaper_is_named_with_both_figures() -> None:
    same = Bill(**{name: float(figure) for name, figure in held()[FIRST].items()})

    dearer, cheaper = (
        [line for line in differences({FIRST: bill}) if line.startswith(FIRST)]
        for bill in (same + Bill(table=0.5), same - Bill(index=1, bus=1))
    )

    assert dearer == [f"{FIRST}: table {same.table:.3f} -> {same.table + 0.5:.3f}"]
    assert len(cheaper) == 2
    assert len(differences({FIRST: same})) == len(differences({})) - len(held()[FIRST])


def test_each_price_names_its_page_and_a_bill_is_their_sum() -> None:
    document = PRICES.document
    prices = [*document["each_million"].values(), *document["each"].values()]

    assert all(each["usd"] > 0 and each["page"].startswith("aws.amazon.com/") for each in prices)
    assert PRICES.usd(Bill(table=6, index=5, sqs=1.2, bus=1)) == {
        "DynamoDB": 6.875,
        "SQS": 0.48,
        "bus": 1.0,
        "Lambda": 0.0,
        "logs": 0.0,
    }


def test_a_stored_row_counts_with_its_entries_and_the_overhead_of_each() -> None:
    row = {"pk": {"S": "ISSUANCE#1"}, "sk": {"S": "ROW"}, "signup": {"S": "s"}}

    kept = stored([row, {"pk": {"S": "EVENT#1"}, "sk": {"S": "ROW"}}])

    assert (kept.table, kept.index) == (12 + 5 + 7 + 100, 12 + 5 + 7 + 100)
    assert kept.usd > 0
