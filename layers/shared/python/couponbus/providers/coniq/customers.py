"""A reader of Coniq's response to a look-up of a customer by e-mail."""

from collections.abc import Iterator, Sequence

from couponbus.domain.email_address import email_key
from couponbus.domain.errors import ContractBroken, InputRejected, SeveralCustomers
from couponbus.domain.issuing.lookup import FilterIgnored
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.coniq.fields import as_id
from couponbus.providers.envelope import contradicts_items

PROVIDER = "coniq"
ROUTE = "GET /customer"
SEVERAL = "several_customers"
LISTS = ("customers", "data")


def customer_with(body: bytes, *, email: str) -> int | None:
    """Return the id of the one customer with this e-mail, compared by `email_key`.

    A customer that is listed without an e-mail counts as a match. Raises SeveralCustomers when
    more than one is listed with it, FilterIgnored when only other customers are listed,
    ContractBroken when it is unclear which customer is meant.
    """
    try:
        listed = list(_listed(strict_answer(body)))
    except InputRejected:
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
    for item in value if isinstance(value, list) else _inside(value):
        if not isinstance(item, dict):
            raise _broken("unreadable_answer")
        yield item


def _inside(value: object) -> Sequence[object]:
    """Return the items of an object's lists; without a list it is itself the customer."""
    if not isinstance(value, dict):
        raise _broken("unreadable_answer")
    lists = [value[key] for key in LISTS if isinstance(value.get(key), list)]
    if not lists:
        return [value]
    items = [item for each in lists for item in each]
    if contradicts_items(value, items=len(items)):
        raise _broken("contradicted_list")
    return items


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
