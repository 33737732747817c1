"""Rows to write to a table that answers as a script says."""

from couponbus.domain.issuing.issuance import Issuance
from tests import factories
from tests.integration.aws import faults
from tests.integration.aws.faults import Fault

TRIES = 3


def issuances(count: int) -> list[Issuance]:
    return [factories.any_issuance().written("mine") for _ in range(count)]


def keys(rows: list[Issuance]) -> list[str]:
    return [row.key for row in rows]


def answers(*codes: str | None) -> Fault:
    """Answer each statement for itself, and store none."""
    return faults.answer(Responses=[{"Error": {"Code": code}} if code else {} for code in codes])
