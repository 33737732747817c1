"""The section about the Koupon simulator is complete, and its example runs."""

import re
from dataclasses import fields
from pathlib import Path

from couponbus_sandbox.koupon import KouponSettings, NewConsumer, Offer, SandboxState, Store

PAGE = Path(__file__).resolve().parents[3] / "couponbus_sandbox" / "README.md"
HEADING = "## The Koupon simulator"


def section() -> str:
    return re.split(r"\n(?=## )", PAGE.read_text().partition(HEADING)[2])[0]


def test_the_example_runs() -> None:
    [example] = re.findall(r"```python\n(.*?)```", section(), flags=re.DOTALL)

    names: dict[str, object] = {}
    exec(compile(example, PAGE.name, "exec"), names)

    assert "assert sandbox.state.redemptions == 2" in example
    assert {"sandbox", "signed"} <= names.keys()


def test_every_setting_count_and_field_is_documented() -> None:
    text = section()
    names = {
        field.name
        for documented in (KouponSettings, SandboxState, NewConsumer, Offer, Store)
        for field in fields(documented)
    }

    assert sorted(name for name in names if f"`{name}`" not in text) == []
