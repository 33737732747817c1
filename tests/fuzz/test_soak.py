"""The long run tries each property, ends in time and fails with the example."""

import re

import pytest

from tests.architecture import tree
from tests.fuzz import soak


def test_each_property_of_the_folder_is_run() -> None:
    here = tree.ROOT / "tests" / "fuzz"
    written = {
        name
        for path in here.glob("test_*.py")
        for name in re.findall(r"(?m)^def (test_no_damaged_\w+)", tree.text(path))
    }

    assert {name for _, name in soak.PROPERTIES} == written


def test_a_run_counts_and_ends_with_what_was_misread(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["--seconds", "0.1", "--processes", "1"]) == 0

    assert capsys.readouterr().out.splitlines() == ["damaged answers: 1000", "misread: 0"]


def test_a_failing_property_is_shown_and_decides(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing() -> None:
        raise AssertionError("an example")

    story = soak.failure_of(failing)
    assert story is not None
    monkeypatch.setattr(soak, "soak", lambda **_wanted: (3, {"a property": story}))

    assert soak.main([]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "damaged answers: 3000"
    assert "AssertionError: an example" in lines
    assert lines[-1] == "misread: 1"
