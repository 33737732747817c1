"""What a bill comes to, by the list prices of `prices.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.bill import Bill

FILE = Path(__file__).with_name("prices.toml")
MILLION, GIGABYTE = 1e6, 1024**3


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of a day, with the page of each."""

    document: dict[str, Any]

    @property
    def day(self) -> str:
        """Return the day on which they were read."""
        return str(self.document["date"])

    @property
    def region(self) -> str:
        """Return the region of which they are."""
        return str(self.document["region"])

    def usd(self, bill: Bill) -> dict[str, float]:
        """Return what a million of this cost, by service."""
        million, each = self.document["each_million"], self.document["each"]
        return {
            "DynamoDB": bill.written * million["write_units"]["usd"]
            + bill.reads * million["read_units"]["usd"],
            "SQS": bill.sqs * million["sqs"]["usd"],
            "bus": bill.bus * million["bus"]["usd"],
            "Lambda": bill.invocations * million["invocations"]["usd"]
            + bill.gigabyte_seconds * MILLION * each["gigabyte_second"]["usd"],
            "logs": bill.logged * MILLION / GIGABYTE * each["logged_gigabyte"]["usd"],
        }

    def gigabyte_seconds(self, function: str, *, records: int) -> float:
        """Return what is assumed for an invocation."""
        assumed = self.document["duration"][function]
        return float(assumed["gigabytes"] * (assumed["seconds"] + assumed["each"] * records))

    def stored(self, *, table: float, index: float) -> float:
        """Return what a million of these bytes cost a month; a backup has no indexes."""
        each = self.document["each"]
        whole = (table + index) * each["stored_gigabyte_month"]["usd"]
        backup = table * each["restorable_gigabyte_month"]["usd"]
        return float((whole + backup) * MILLION / GIGABYTE)


PRICES = Prices(tomllib.loads(FILE.read_text(encoding="utf-8")))
