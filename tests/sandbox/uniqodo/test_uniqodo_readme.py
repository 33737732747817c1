"""The page about the Uniqodo simulator is complete, and its example runs."""

import re
from dataclasses import fields
from pathlib import Path

from couponbus_sandbox.uniqodo import (
    FaultKind,
    FaultRule,
    NewRedemption,
    NewUser,
    Promotion,
    UniqodoSettings,
    UniqodoState,
)
from couponbus_sandbox.uniqodo.settings import CALLBACK_ITEMS

PAGE = Path(__file__).resolve().parents[3] / "couponbus_sandbox" / "README.md"
HEADING = "## The Uniqodo simulator"


def section() -> str:
    return re.split(r"\n(?=## )", PAGE.read_text().partition(HEADING)[2])[0]


def test_the_example_runs() -> None:
    [example] = re.findall(r"```python\n(.*?)```", section(), flags=re.DOTALL)

    names: dict[str, object] = {}
    exec(compile(example, PAGE.name, "exec"), names)

    assert 'assert found["data"]["redemption"]["total"] == 2' in example
    assert {"sandbox", "found"} <= names.keys()


def test_every_setting_count_control_and_item_is_documented() -> None:
    text = section()
    names = set(CALLBACK_ITEMS) | {str(FaultKind.ALTERED)}
    for documented in (UniqodoSettings, UniqodoState, Promotion, NewUser, NewRedemption):
        names |= {field.name for field in fields(documented)}

    assert "settings" in {field.name for field in fields(FaultRule)}
    assert sorted(name for name in names if f"`{name}`" not in text) == []
