"""A brand decides who may see an offer, and is distrusted when in doubt."""

import pytest

from tests.unit.providers.koupon.answers import ADULT_CPG, CPG, offer
from tests.unit.providers.koupon.reading_of import only


@pytest.mark.parametrize(
    ("cpg", "is_adult", "may_be_shown"),
    [
        (None, False, True),
        (CPG, False, True),
        ({**CPG, "isAdult": "false"}, False, True),
        (ADULT_CPG, True, False),
        ({**ADULT_CPG, "cpgBrandId": 79, "isAuthenticated": True}, True, True),
        ({**ADULT_CPG, "cpgBrandId": 79, "isAuthenticated": "true"}, True, True),
        # The summary of the answer says that brand 77 is tobacco and not authenticated.
        ({**ADULT_CPG, "isAuthenticated": True}, True, False),
        ({**CPG, "cpgBrandId": 77}, True, False),
        ({**CPG, "isAdult": None}, True, False),
        ({**CPG, "isAdult": "perhaps"}, True, False),
        ({**CPG, "isAdult": [False]}, True, False),
        ({**CPG, "adultClass": "Alcohol"}, True, False),
        ({**CPG, "adultSubclass": "Beer"}, True, False),
        ({**CPG, "isAuthenticated": "perhaps", "isAdult": True}, True, False),
        ({}, True, False),
        ("Example Leaf", True, False),
        ([ADULT_CPG], True, False),
    ],
)
def test_a_brand_is_for_adults_unless_everything_says_that_it_is_not(
    cpg: object, is_adult: bool, may_be_shown: bool
) -> None:
    read = only(offer(cpg=cpg))

    assert (read.is_adult, read.may_be_shown) == (is_adult, may_be_shown)


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', '{"a":1,"a":2}', "\ufeff"])
def test_a_warning_that_is_no_json_object_keeps_its_words(text: str) -> None:
    brand = only(offer(cpg={**CPG, "warningAlgorithm": text})).brand

    assert brand is not None
    assert (brand.warning, brand.warning_raw) == (None, text)


def test_a_brand_without_a_warning_has_none() -> None:
    read = only(offer(cpg={**CPG, "warningAlgorithm": None}))

    assert read.brand is not None
    assert (read.brand.warning, read.unreadable) == (None, ())
