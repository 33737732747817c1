"""The tables of the README say what the code says."""

import ast
import re
from dataclasses import fields

from infra.config import ConiqAccount, StageConfig, Timing
from tests.architecture import tree

README = tree.text(tree.ROOT / "README.md")
ROW = re.compile(r"^\| (`.+?`) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NOT_A_SETTING = {"name", "timing", "coniq"}


def table_under(heading: str) -> list[tuple[str, str, str]]:
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [(first, second, third) for first, second, third in ROW.findall(section)]


def handlers() -> dict[str, str]:
    """Return what each function's handler says of itself."""
    found = {}
    for path in sorted((tree.ROOT / "functions").glob("*/handler.py")):
        found[path.parent.name] = ast.get_docstring(ast.parse(tree.text(path))) or ""
    return found


def test_the_table_of_functions_has_each_function_in_its_own_words() -> None:
    rows = {name.strip("`"): does for name, _, does in table_under("The functions")}

    assert rows == handlers()


def test_the_table_of_settings_has_each_setting_of_a_stage() -> None:
    rows = table_under("Settings")
    named = set(re.findall(r"`(\w+)`", " ".join(f"{first} {third}" for first, _, third in rows)))
    settings = {
        field.name for kind in (StageConfig, Timing, ConiqAccount) for field in fields(kind)
    }

    assert rows
    assert settings - NOT_A_SETTING - named == set()


def test_the_table_of_settings_gives_the_values_of_production() -> None:
    values = {
        name: value.strip()
        for names, given, _ in table_under("Settings")
        for name, value in zip(
            re.findall(r"`(\w+)`", names), given.replace(" s", "").split(","), strict=False
        )
    }

    for field in fields(Timing):
        if field.name in values and field.name != "resolve_for":
            assert values[field.name] == str(field.default), field.name
