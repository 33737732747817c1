"""Answers of Uniqodo as the tests take them apart."""

import copy
import json
from zoneinfo import ZoneInfo

from couponbus.domain.polling.redemption import RedemptionList
from couponbus.providers.uniqodo.account import KNOWN_ERRORS
from couponbus.providers.uniqodo.reading import read
from couponbus.providers.uniqodo.redemption_list import redemption_list_of
from couponbus.providers.uniqodo.wire import WireAnswer
from tests.unit.providers.uniqodo import seed

LONDON = ZoneInfo("Europe/London")

type Json = dict[str, object]


def full_answer() -> Json:
    """Return an answer with two records and a value in every field that is known."""
    answer: Json = copy.deepcopy(seed.answers(seed.page())[0])
    answer["result"] = "failure"
    place = inner(answer, "data", "redemption")
    first = items(place, "records")[0]
    first |= {"custom_params": '{"p1":"example1"}', "tags": ["SUMMER_OFFER", "ONLINE"]}
    second = {**first, "id": 1925119, "redeemed_at": "2019-05-16T08:55:37", "order_value": 219.99}
    second["order_id"] = "262435"
    items(place, "records").append(second)
    place["total"] = 2
    inner(answer, "data", "offer").update(terms="None", code_expiry="17-05-2019 23:59:59")
    items(answer, "errors")[0] |= {"promotion_specific_error": "x", "reference": "TCJGGJGF"}
    return answer


def totals_answer() -> Json:
    """Return the same in the body of the sibling page, that has sums in place of a count."""
    answer = full_answer()
    data = inner(answer, "data")
    data["records"] = items(inner(data, "redemption"), "records")
    del data["redemption"]
    return {**answer, "data": {"total_discount_value": 22.5, "total_order_value": 264.99, **data}}


def without_records() -> Json:
    """Return an answer about a user who is not known."""
    return copy.deepcopy(seed.answers(seed.page())[1])


def inner(value: Json, *keys: str) -> Json:
    """Return an object inside another one."""
    for key in keys:
        found = value[key]
        assert isinstance(found, dict)
        value = found
    return value


def items(value: Json, key: str) -> list[Json]:
    """Return a list inside an object."""
    found = value[key]
    assert isinstance(found, list)
    return found


def as_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def read_answer(value: object) -> WireAnswer:
    return read(as_bytes(value), zone=LONDON)


def redemption_list(value: object) -> RedemptionList:
    return redemption_list_of(read_answer(value), error_kinds=KNOWN_ERRORS)
