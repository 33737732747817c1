"""From what an operator has at hand to the rows that it concerns."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cli.world import World
from couponbus.domain.identity import ID_LENGTH, issuance_id
from couponbus.domain.issuance import issuance_key
from couponbus.domain.program import Program
from couponbus.domain.resolution import Resolution
from couponbus.domain.row import Row

TRACKING_CODE = re.compile(rf"[A-Za-z0-9_-]{{0,20}}([A-Z2-7]{{{ID_LENGTH}}})")
KEY = re.compile(r"(?:ISSUANCE|RESOLUTION|REJECTION)#[A-Za-z0-9_-]{1,100}")
CUSTOMER = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rows, and in plain words where they were looked for."""

    rows: Sequence[Row]
    looked: Sequence[str]


def find(query: str, *, tenant: str, world: World) -> Found:
    """Look a tracking code, an issuance id, a customer id or a sign-up id up."""
    looked: list[str] = []
    rows: dict[str, Row] = {}
    key = key_in(query)
    if key is not None:
        looked.append(f"the ledger's row {key}")
        rows |= world.rows.read([key])
    if not rows and CUSTOMER.fullmatch(query):
        programs = world.programs.active()
        looked.append(_customer_said(query, tenant, programs))
        rows |= world.rows.read(keys_of_customer(int(query), tenant=tenant, programs=programs))
    if not rows or CUSTOMER.fullmatch(query):
        looked.append(f"rows of a sign-up {query} of the tenant {tenant}")
        rows |= _of_sign_up(query, tenant=tenant, world=world)
    return Found(rows=list(rows.values()), looked=looked)


def key_in(query: str) -> str | None:
    """Return the key of the row that a key, an issuance id or a tracking code stands for."""
    if KEY.fullmatch(query):
        return query
    code = TRACKING_CODE.fullmatch(query)
    return issuance_key(code[1]) if code else None


def keys_of_customer(
    customer_id: int, *, tenant: str, programs: Iterable[Program]
) -> Sequence[str]:
    """Return where the customer's issuances are, if there are any."""
    ids = (
        issuance_id(
            tenant=tenant,
            account=program.account,
            customer_id=customer_id,
            offer_id=program.offer_id,
            occurrence=program.occurrence,
        )
        for program in programs
    )
    return list(dict.fromkeys(issuance_key(each) for each in ids))


def _of_sign_up(signup_id: str, *, tenant: str, world: World) -> dict[str, Row]:
    rows = {row.key: row for row in world.report.of_signup(tenant=tenant, signup_id=signup_id)}
    for row in list(rows.values()):
        if isinstance(row, Resolution) and row.customer_id is not None:
            programs = [each for each in world.programs.active() if each.name == row.program]
            keys = keys_of_customer(row.customer_id, tenant=tenant, programs=programs)
            # Another sign-up may have been first: then the issuance carries that one's id.
            rows |= world.rows.read(keys)
    return rows


def _customer_said(customer: str, tenant: str, programs: Sequence[Program]) -> str:
    names = ", ".join(program.name for program in programs) or "there are none"
    return f"issuances of the customer {customer} of the tenant {tenant} for each program ({names})"
