"""The tables of the docs are complete: each item has one row, and each row an item."""

import re
from dataclasses import fields

import pytest

from couponbus_config.accounts import ConiqAccount
from couponbus_config.stage import StageConfig
from couponbus_config.timing import Timing
from events.catalogue import HEADINGS
from events.contracts import Direction, contracts
from tests.architecture import tree
from tests.architecture.markdown import read, rows_under

NAME = re.compile(r"`(\w+)`")
NOT_A_SETTING = {"name", "timing"}
# As the file calls them.
ALIASES = {"accounts": "coniq", "uniqodo_accounts": "uniqodo", "koupon_accounts": "koupon"}


def table_under(heading: str, page: str = "README.md") -> list[list[str]]:
    return rows_under(tree.text(tree.ROOT / page), heading)


@pytest.mark.parametrize("page", ["README.md", "functions/README.md"])
def test_the_table_of_functions_has_a_row_for_each_function(page: str) -> None:
    rows = table_under("The functions", page)

    assert sorted(NAME.findall(first)[0] for first, *_ in rows) == [
        folder.name for folder in tree.function_folders()
    ]
    assert [cells for cells in rows if not all(cells)] == []


@pytest.mark.parametrize(("direction", "heading"), HEADINGS.items())
def test_the_catalogue_has_a_row_for_each_event_and_command(
    direction: Direction, heading: str
) -> None:
    there = [each.name for each in contracts() if each.direction == direction]

    assert there
    assert [
        NAME.findall(first)[0] for first, *_ in table_under(heading, "events/README.md")
    ] == there


def test_the_readme_names_each_published_event() -> None:
    spans = read(tree.text(tree.ROOT / "README.md")).spans

    assert {each.name for each in contracts() if each.direction == "published"} - {*spans} == set()


def test_the_table_of_settings_has_each_setting_of_a_stage() -> None:
    rows = table_under("Settings")
    named = set(NAME.findall(" ".join(f"{first} {third}" for first, _, third in rows)))
    settings = {
        ALIASES.get(field.name, field.name)
        for kind in (StageConfig, Timing, ConiqAccount)
        for field in fields(kind)
    }

    assert rows
    assert settings - NOT_A_SETTING - named == set()


def test_the_table_of_settings_gives_the_values_of_production() -> None:
    values = {
        name: value.strip()
        for names, given, _ in table_under("Settings")
        for name, value in zip(
            NAME.findall(names), given.replace(" s", "").split(","), strict=False
        )
    }

    for field in fields(Timing):
        if field.name in values and field.name != "resolve_for":
            assert values[field.name] == str(field.default), field.name
