"""A breaking change is refused with a sentence that says what to do; no other change is refused."""

from dataclasses import replace

import pytest
from pydantic import create_model

from events.compatibility import breaking
from events.contracts import Contract, Direction
from tests.contracts.contract_changes import HARMLESS, LOOSER, NESTED, TIGHTER, Fields, field

PUBLISHED: list[Direction] = ["published", "webhook"]
TAKEN: list[Direction] = ["received", "command"]


def contract(fields: Fields, *, direction: Direction) -> Contract:
    """Return a contract whose class has an id and these fields."""
    model = create_model("Thing", id=(str, ...), **fields)  # type: ignore[call-overload]
    return Contract(
        name="Thing", version=1, direction=direction, model=model, sources=(), detail_type=None
    )


def findings(before: Fields, now: Fields, *, direction: Direction) -> list[str]:
    released = contract(before, direction=direction).schema()
    return [str(each) for each in breaking(contract(now, direction=direction), released=released)]


def label(direction: Direction) -> str:
    return "Thing v1 as a webhook" if direction == "webhook" else "Thing v1"


@pytest.mark.parametrize("direction", PUBLISHED)
@pytest.mark.parametrize(("before", "now", "sentence"), [*TIGHTER, *LOOSER])
def test_what_we_publish_can_neither_be_tightened_nor_loosened(
    before: Fields, now: Fields, sentence: str, direction: Direction
) -> None:
    first = findings(before, now, direction=direction)[0]

    assert first.startswith(f"{label(direction)}: {sentence}; ")


@pytest.mark.parametrize("direction", TAKEN)
@pytest.mark.parametrize(("before", "now", "sentence"), TIGHTER)
def test_what_we_take_cannot_be_tightened(
    before: Fields, now: Fields, sentence: str, direction: Direction
) -> None:
    first = findings(before, now, direction=direction)[0]

    assert first.startswith(f"Thing v1: {sentence}; ")


@pytest.mark.parametrize("direction", TAKEN)
@pytest.mark.parametrize(("before", "now", "sentence"), LOOSER)
def test_what_we_take_can_be_loosened(
    before: Fields, now: Fields, sentence: str, direction: Direction
) -> None:
    assert findings(before, now, direction=direction) == []


@pytest.mark.parametrize("direction", [*PUBLISHED, *TAKEN])
@pytest.mark.parametrize(("before", "now"), HARMLESS)
def test_what_may_be_missing_can_come_to_everything(
    before: Fields, now: Fields, direction: Direction
) -> None:
    assert findings(before, now, direction=direction) == []


@pytest.mark.parametrize(
    ("direction", "advice"),
    [
        ("published", "undo it, or make version 2 beside it, a class ThingV2"),
        ("webhook", "undo it, or make version 2 beside it, a class ThingV2"),
        ("received", "undo it, or make version 2 beside it, a class ThingV2"),
        (
            "command",
            "undo it, or give the change a command of its own: old ones may wait in a queue",
        ),
    ],
)
def test_a_finding_is_one_sentence_with_its_contract_its_field_and_a_way_out(
    direction: Direction, advice: str
) -> None:
    assert findings(field(int), field(str), direction=direction) == [
        f"{label(direction)}: `x` was integer and is string; {advice}."
    ]


def test_a_required_field_is_not_made_a_version_but_optional() -> None:
    assert findings({}, field(int), direction="received") == [
        "Thing v1: `x` is new and required; let it be left out, as those who know the old version"
        " do."
    ]


def test_each_change_of_a_contract_is_reported() -> None:
    before = {**field(NESTED), "y": (int, ...)}
    now = field(create_model("Nested", code=(int, ...), more=(str, None)))

    assert len(findings(before, now, direction="published")) == 2


@pytest.mark.parametrize(
    ("sources", "detail_type", "change"),
    [
        (("shop.b",), "Thing", "does not come from shop.a any more"),
        ((), "Thing", "does not come from shop.a any more"),
        (("shop.a",), "Thing2", "had the detail type Thing and has Thing2"),
        (("shop.a",), None, "had the detail type Thing and has None"),
    ],
)
def test_what_rules_match_on_stays(
    sources: tuple[str, ...], detail_type: str | None, change: str
) -> None:
    released = of_the_bus(("shop.a",), "Thing").schema()

    [finding] = breaking(of_the_bus(sources, detail_type), released=released)

    assert str(finding).startswith(f"Thing v1: it {change}; undo it, ")


def test_another_source_beside_the_old_ones_breaks_no_reader() -> None:
    released = of_the_bus(("shop.a", "shop.b"), "Thing").schema()

    assert breaking(of_the_bus(("shop.a", "shop.b", "shop.c"), "Thing"), released=released) == []
    [finding] = breaking(of_the_bus(("shop.b",), "Thing"), released=released)
    assert "does not come from shop.a any more" in finding.change


def of_the_bus(sources: tuple[str, ...], detail_type: str | None) -> Contract:
    return Contract(
        name="Thing",
        version=1,
        direction="published",
        model=NESTED,
        sources=sources,
        detail_type=detail_type,
    )


def test_a_later_version_of_a_class_is_a_file_beside_the_old_one() -> None:
    second = replace(of_the_bus(("shop.a",), "ThingV2"), name="ThingV2", version=2)

    assert (second.file, second.label) == ("Thing.v2.json", "Thing v2")
    [finding] = breaking(second, released={**second.schema(), "x-source": "shop.b"})
    assert finding.advice.endswith("version 3 beside it, a class ThingV3")
