"""cfn-lint in this process: its schemas are loaded once, and each text is read once."""

from functools import cache
from pathlib import Path

from cfnlint.api import ManualArgs  # type: ignore[import-untyped]
from cfnlint.api import lint as read

# The CDK writes a DependsOn where a reference already implies it.
IGNORED = ["W3005"]


def lint(template: Path) -> tuple[str, ...]:
    """Return what is found in a template."""
    return _found(template.read_text())


@cache
def _found(text: str) -> tuple[str, ...]:
    config = ManualArgs(ignore_checks=IGNORED, regions=["eu-west-1"])
    return tuple(f"{each.rule.id} {each.message}" for each in read(text, config=config))
