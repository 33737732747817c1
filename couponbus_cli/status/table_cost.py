"""What it costs to read the whole table once."""

import math

from couponbus.aws.ledger.report import TableSize

PAGE_BYTES = 4096
UNITS_PER_PAGE = 0.5  # eventually consistent
USD_PER_MILLION = 0.125  # on demand, us-east-1, list price since November 2024
MILLION = 1_000_000


def cost_of(size: TableSize) -> str:
    """Return size and price as a sentence."""
    units = math.ceil(size.bytes_ / PAGE_BYTES) * UNITS_PER_PAGE
    dollars = units / MILLION * USD_PER_MILLION
    return (
        f"Reading the table once: about {size.rows:,} rows and {size.bytes_ / MILLION:,.1f} MB (as"
        f" DynamoDB counts them every six hours), {units:,.0f} read units, about USD {dollars:.4f}"
        " (list price on demand in us-east-1 of November 2024)."
    )
