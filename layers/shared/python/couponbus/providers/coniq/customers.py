"""Coniq's answer to the question who has this e-mail."""

from collections.abc import Iterator

from couponbus.domain.email_address import email_key
from couponbus.domain.errors import ContractBroken, FilterIgnored, SeveralCustomers
from couponbus.providers.coniq.fields import as_id
from couponbus.providers.strict_json import UnreadableError, strict_json

PROVIDER = "coniq"
ROUTE = "GET /customer"
SEVERAL = "several_customers"


def customer_with(body: bytes, *, email: str) -> int | None:
    """Return the id of the one customer whose e-mail is this, however it is spelled.

    A customer without an e-mail in the answer counts as an answer to the question. Raises
    SeveralCustomers when more than one is said to have it, FilterIgnored when there are only
    others, ContractBroken when it is unclear which customer is meant.
    """
    try:
        listed = list(_listed(strict_json(body)))
    except UnreadableError:
        raise _broken("unreadable_answer") from None
    wanted = email_key(email)
    if len({_customer_id(one) for one in listed if _email(one) == wanted}) > 1:
        raise SeveralCustomers(SEVERAL, provider=PROVIDER, route=ROUTE)
    found = {_customer_id(one) for one in listed if _email(one) in (wanted, None)}
    if len(found) > 1:
        raise _broken(SEVERAL)
    if listed and not found:
        raise FilterIgnored("filter_ignored", provider=PROVIDER, route=ROUTE)
    return next(iter(found), None)


def _listed(value: object) -> Iterator[dict[str, object]]:
    items = value if isinstance(value, list) else [value]
    for item in items:
        if not isinstance(item, dict):
            raise _broken("unreadable_answer")
        for key in ("customers", "data"):
            if isinstance(item.get(key), list):
                yield from _listed(item[key])
                break
        else:
            if item:
                yield item


def _email(customer: dict[str, object]) -> str | None:
    email = customer.get("email")
    return email_key(email) if isinstance(email, str) else None


def _customer_id(customer: dict[str, object]) -> int:
    for key in ("customer_id", "id"):
        if (found := as_id(customer.get(key))) is not None:
            return found
    raise _broken("customer_without_id")


def _broken(reason: str) -> ContractBroken:
    return ContractBroken(reason, provider=PROVIDER, route=ROUTE)
