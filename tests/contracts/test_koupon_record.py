"""Every key of Koupon's record is modelled, simulated and read."""

import re
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, create_model

from couponbus.providers.koupon.lenient import Lenient
from couponbus.providers.koupon.parameters import OfferFilter
from couponbus.providers.koupon.wire import WireEnvelope, WireOffer
from tests.contracts.koupon_record import documented_keys, exampled_keys, parameters
from tests.unit.providers.koupon.answers import envelope, offer

ROOT = Path(__file__).resolve().parents[2]
SEEDS = sorted((ROOT.parent / "shared" / "seeds").glob("003_*.txt"))

PAGE = """
Query Parameters

Parameter Required/Optional Description
fromdt optional Include offers active on or after this date.
geo_gating optional Filter Offers.

Example Response

{
  "code": 200,
  “Offers”: [
        { “is_active”: Boolean,
          “offerId”: ,
          "limitedStores:  Boolean,
          "print": {
              “printImage”: URLString,
          },
          "validAtStores": [ { "id" : String } ... ],
        } ...
    ],
    "summary": { "tobacco": { "brands": [ { "cpgBrandId":  Number } ... ] } }
}

Response keys

Key Description
visibility The visibility of the Offer.
print.printTitle The print title.
asdf loyaltyCard.couponCode The Coupon Code.
summary.tobacco.brands[x].cpgBrandId The Id.

Getting single offer
"""


def modelled(model: type[BaseModel], *, prefix: str = "") -> Iterator[str]:
    """Return the paths of a model and of the models in it."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        yield path
        for inner in _models_in(field.annotation):
            yield from modelled(inner, prefix=f"{path}.")


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)


def keys_of_ours(offer_model: type[BaseModel] = WireOffer) -> set[str]:
    return {*modelled(WireEnvelope), *modelled(offer_model, prefix="Offers.")}


def keys_in(value: object, *, prefix: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from keys_in(each, prefix=prefix)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield f"{prefix}{key}"
            yield from keys_in(inner, prefix=f"{prefix}{key}.")


def model_without(name: str) -> type[BaseModel]:
    """Return the model of an offer without one field."""
    fields = {
        each: (field.annotation, Field(default=None, alias=field.alias))
        for each, field in WireOffer.model_fields.items()
        if each != name
    }
    return create_model("Poorer", __base__=Lenient, **fields)  # type: ignore[call-overload, no-any-return]


def record() -> set[str]:
    """Return the keys that the page names, or an empty set where the page is not at hand."""
    pages = [seed.read_text(encoding="utf-8") for seed in SEEDS]
    return {key for page in pages for key in documented_keys(page) | exampled_keys(page)}


def test_the_model_has_every_key_of_the_record() -> None:
    assert record() - keys_of_ours() == set()


def test_the_hand_written_answer_has_every_key_of_the_model() -> None:
    assert set(keys_in(envelope(offer()))) == keys_of_ours() - {"Offers.displayStore.distance"}


def test_the_filter_has_every_parameter_of_the_record() -> None:
    pages = [seed.read_text(encoding="utf-8") for seed in SEEDS]
    named = {name for page in pages for name in parameters(page)}

    assert named - set(OfferFilter.__dataclass_fields__) == set()


def test_the_walk_finds_the_keys_of_a_page() -> None:
    assert documented_keys(PAGE) == {
        "Offers.visibility",
        "Offers.print.printTitle",
        "Offers.loyaltyCard.couponCode",
        "summary.tobacco.brands.cpgBrandId",
    }
    assert exampled_keys(PAGE) == {
        "code",
        "Offers",
        "Offers.is_active",
        "Offers.offerId",
        "Offers.limitedStores",
        "Offers.print",
        "Offers.print.printImage",
        "Offers.validAtStores",
        "Offers.validAtStores.id",
        "summary",
        "summary.tobacco",
        "summary.tobacco.brands",
        "summary.tobacco.brands.cpgBrandId",
    }
    assert parameters(PAGE) == {"fromdt", "geo_gating"}


def test_the_walk_misses_no_line_of_the_page() -> None:
    for page in (PAGE, *(seed.read_text(encoding="utf-8") for seed in SEEDS)):
        table = page.partition("Response keys")[2].partition("Getting single offer")[0]
        rows = [line for line in table.splitlines() if line.strip()]
        example = page.partition("Example Response")[2].partition("Response keys")[0]
        keys = [line for line in example.splitlines() if re.search(r'[“"]\w+[”"]?\s*:', line)]

        assert len(documented_keys(page)) == len(rows) - 1
        assert len(exampled_keys(page)) == sum(len(re.findall(r":(?!\d)", line)) for line in keys)


@pytest.mark.parametrize("forgotten", ["visibility", "print", "loyalty_card", "limited_stores"])
def test_a_forgotten_field_is_found(forgotten: str) -> None:
    known = documented_keys(PAGE) | exampled_keys(PAGE)

    assert known - keys_of_ours() == set()
    assert known - keys_of_ours(model_without(forgotten)) != set()
