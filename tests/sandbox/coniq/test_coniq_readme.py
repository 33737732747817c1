"""The page about the Coniq simulator is complete, and its example runs."""

import re
from dataclasses import fields
from pathlib import Path

from couponbus_sandbox.coniq import ConiqSettings, FaultKind, FaultRule, SandboxState

PAGE = Path(__file__).resolve().parents[3] / "couponbus_sandbox" / "README.md"
HEADING = "## The Coniq simulator"


def section() -> str:
    return re.split(r"\n(?=## )", PAGE.read_text().partition(HEADING)[2])[0]


def test_the_example_runs() -> None:
    [example] = re.findall(r"```python\n(.*?)```", section(), flags=re.DOTALL)

    names: dict[str, object] = {}
    exec(compile(example, PAGE.name, "exec"), names)

    assert "assert sandbox.state.barcodes == 2" in example
    assert {"sandbox", "found"} <= names.keys()


def test_every_fault_setting_and_count_is_documented() -> None:
    text = section()
    names = {str(kind) for kind in FaultKind}
    for documented in (ConiqSettings, FaultRule, SandboxState):
        names |= {field.name for field in fields(documented)}

    assert sorted(name for name in names if f"`{name}`" not in text) == []
