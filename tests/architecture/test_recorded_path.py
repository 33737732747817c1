"""docs/life-of-a-sign-up.md names the files that a sign-up enters, in the order of execution."""

import json
import re
from collections.abc import Mapping

import pytest

from tests.architecture import tree
from tests.benchmarks.alone import alone

PAGE = tree.ROOT / "docs" / "life-of-a-sign-up.md"
# Their files are imported or entered once per execution environment.
BEFORE_THE_FIRST_BATCH = ("From the bus to the queue", "Cold start")
OF_PUBLISHING = "From the stream to the bus"
MOST_FUNCTIONS_AT_THE_POST = 8
NUMBERS = {8: "eight", 7: "seven", 6: "six"}


@pytest.fixture(scope="module")
def recorded() -> Mapping[str, object]:
    """Return the output of `tests/architecture/recorded_path.py`, run in a separate process."""
    return json.loads(alone("tests.architecture.recorded_path")[-1])  # type: ignore[no-any-return]


def steps() -> dict[str, list[str]]:
    """Return the files that each section of the page names, each at its first mention."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition("## Every file in its order\n")
    text, _, _ = rest.partition("\n## ")
    found: dict[str, list[str]] = {}
    known: set[str] = set()
    for section in text.split("\n### ")[1:]:
        title, _, lines = section.partition("\n")
        names = re.findall(r"^\d+\. .*?`([a-z_/]+\.py)`", lines, re.MULTILINE)
        found[title] = [one for one in dict.fromkeys(names) if one not in known]
        if title not in BEFORE_THE_FIRST_BATCH:
            known.update(names)
    return found


def test_the_page_names_each_file_that_issuing_enters_in_its_order(
    recorded: Mapping[str, object],
) -> None:
    named = [
        name
        for title, names in steps().items()
        if title not in (*BEFORE_THE_FIRST_BATCH, OF_PUBLISHING)
        for name in names
    ]

    assert named == recorded["issuing"]


def test_the_page_names_each_file_that_publishing_enters_in_its_order(
    recorded: Mapping[str, list[str]],
) -> None:
    named = [name for name in steps()[OF_PUBLISHING] if not name.startswith("infra/")]

    assert named == [one for one in recorded["publishing"] if one not in recorded["issuing"]]


def test_few_functions_of_the_product_are_on_the_stack_at_the_post(
    recorded: Mapping[str, int],
) -> None:
    found = recorded["functions_at_the_post"]

    assert found <= MOST_FUNCTIONS_AT_THE_POST
    assert f"At the POST {NUMBERS[found]} functions" in PAGE.read_text(encoding="utf-8")
