"""The class of an error says what to do; its text says nothing that is secret."""

import re

import pytest

from couponbus.domain import errors
from couponbus.domain.issuing import lookup

DOMAIN = "couponbus.domain."


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    classes = {kind.__name__ for kind in below(errors.CouponbusError)}

    assert set(drawn) == classes
    assert lookup.FilterIgnored in below(errors.CouponbusError)


def below(kind: type[Exception]) -> list[type[Exception]]:
    """Return the kinds of an error that the domain has, of every depth."""
    found = [each for each in kind.__subclasses__() if each.__module__.startswith(DOMAIN)]
    return [*found, *(each for one in found for each in below(one))]


def test_an_error_of_input_names_its_fields_and_no_value() -> None:
    rejected = errors.InputRejected("schema", fields=["customer.email", "occurred_at"])

    assert str(rejected) == "schema: customer.email, occurred_at"
    assert rejected.fields == ("customer.email", "occurred_at")
    assert str(errors.InputRejected("not_json")) == "not_json"


@pytest.mark.parametrize(
    "kind",
    [
        errors.ProviderBusy,
        errors.ProviderUnavailable,
        errors.CredentialsRefused,
        errors.ContractBroken,
    ],
)
def test_an_error_of_a_provider_describes_the_call_by_its_route(
    kind: type[errors.ProviderError],
) -> None:
    error = kind("status_500", provider="coniq", route="GET /barcode", status=500, request_id="r")

    assert str(error) == "coniq GET /barcode: status_500"
    assert (error.reason, error.status, error.request_id) == ("status_500", 500, "r")


def test_a_busy_provider_need_not_say_for_how_long() -> None:
    busy = errors.ProviderBusy("status_429", provider="coniq", route="GET /barcode")

    assert busy.retry_after is None
