"""A tenant's endpoints are listed in the order of their registration, up to a bound."""

import pytest

from couponbus.domain.errors import TransitionRefused
from couponbus.domain.webhooks.directory import ENDPOINTS_MAX, TenantEndpoints, directory_key

EMPTY = TenantEndpoints(directory_id="default")


def test_it_is_found_by_the_tenant() -> None:
    assert EMPTY.key == directory_key("default") == "DIRECTORY#default"


def test_endpoints_come_and_go() -> None:
    three = EMPTY.having("shop").having("erp").having("till")

    assert three.endpoint_ids == ("shop", "erp", "till")
    assert three.without("erp").endpoint_ids == ("shop", "till")
    assert three.without("unknown") == three


def test_there_is_no_endpoint_beyond_the_limit_and_that_says_what_to_do() -> None:
    full = TenantEndpoints(
        directory_id="default", endpoint_ids=tuple(map(str, range(ENDPOINTS_MAX - 1)))
    ).having("last")

    with pytest.raises(TransitionRefused, match=f"default has {ENDPOINTS_MAX} .*remove one"):
        full.having("one-more")
    assert full.without("last").having("one-more").endpoint_ids[-1] == "one-more"
