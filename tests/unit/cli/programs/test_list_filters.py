"""The filters of watched lists are read, and two that could meet in one watch are refused."""

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.poll_policy import ListFilter, WatchRule
from couponbus_cli.programs.file import programs_in
from couponbus_cli.programs.watch_part import as_part, rules_of
from tests.unit.cli.programs.test_programs_file import LEAST, faults_of
from tests.unit.cli.programs.test_programs_watch import ONLY, PROMOTION, RULE
from tests.unit.cli.stage import FakeStage

FILTERED = """\
programs:
  - name: watched
    match: {}
    watch:
      koupon:
        - account: main
          channel: web
          digital_property_code: app
          publishedonly: false
          storeid: ['34', '12']
"""


@pytest.mark.parametrize(
    ("part", "line", "said"),
    [
        (
            "watch: { koupon: [{ account: a, channel: ' ' }] }",
            8,
            "watch.koupon[0].channel: needs a text of 1 to 128 visible characters",
        ),
        (
            "watch: { koupon: [{ account: a, digital_property_code: 7 }] }",
            8,
            "watch.koupon[0].digital_property_code: needs a text of 1 to 128 visible",
        ),
        (
            "watch: { koupon: [{ account: a, publishedonly: yes }] }",
            8,
            "watch.koupon[0].publishedonly: needs true or false",
        ),
        (
            "watch:\n      koupon:\n        - account: a\n          storeid: '12'",
            11,
            "watch.koupon[0].storeid: needs a list of 1 to 50 ids of stores",
        ),
        (
            "watch: { koupon: [{ account: a, storeid: [12] }] }",
            8,
            "watch.koupon[0].storeid: each id is a text in quotes",
        ),
        (
            "watch: { koupon: [{ account: a, storeid: ['1,2'] }] }",
            8,
            "watch.koupon[0].storeid: each id is a text in quotes, of 1 to 128 visible",
        ),
        (
            "watch: { koupon: [{ account: a, storeid: ['1', '1'] }] }",
            8,
            "watch.koupon[0].storeid: needs each id once",
        ),
        (
            f"watch: {{ koupon: [{{ account: a, channel: {'é' * 128} }}] }}",
            8,
            "watch.koupon[0]: its filter is longer than the 500 characters that fit a URL",
        ),
        (
            f"watch: {{ uniqodo: [{{ account: a, promotion: {PROMOTION}, channel: web }}] }}",
            8,
            "watch.uniqodo[0].channel: unknown field; there are account, promotion",
        ),
        (
            "watch:\n      koupon:\n        - account: a\n        - { account: a, channel: web }",
            11,
            "watch.koupon[1]: is listed twice",
        ),
    ],
)
def test_a_wrong_filter_is_named_with_its_line(part: str, line: int, said: str) -> None:
    [fault] = faults_of(f"{LEAST}    {part}\n")

    assert fault.startswith(f"p.yaml:{line}: programs[0].{said}")


def test_a_filter_is_read_stored_and_shown_as_it_was_written() -> None:
    [program] = programs_in(FILTERED, file="p.yaml")
    stored = TypeAdapter(Program)
    part = as_part(program.watches)

    [rule] = program.watches
    assert rule.list_filter == ListFilter(
        channel="web", digital_property_code="app", publishedonly=False, storeid=("12", "34")
    )
    assert stored.validate_json(stored.dump_json(program)) == program
    assert rules_of(json.loads(json.dumps(part))) == program.watches
    assert part is not None
    assert part["koupon"] == [
        {
            "account": "main",
            "customers": "any",
            "channel": "web",
            "digital_property_code": "app",
            "publishedonly": False,
            "storeid": ["12", "34"],
        }
    ]


def test_a_rule_that_was_stored_without_a_filter_has_none() -> None:
    stored = TypeAdapter(WatchRule)
    old = json.loads(stored.dump_json(RULE))
    del old["list_filter"]

    assert stored.validate_python(old) == RULE


@pytest.mark.parametrize("first", [ONLY, FILTERED])
def test_two_programs_of_a_file_with_different_filters_of_one_account_are_refused(
    first: str,
) -> None:
    second = ONLY if first == FILTERED else FILTERED
    other = second.partition("programs:\n")[2].replace("watched", "second")

    [fault] = faults_of(first + other)

    assert "programs[1].watch.koupon[0]: has " in fault
    assert "and program watched" in fault
    assert "for main: one watch polls one list of a customer; give all rules" in fault


def test_other_accounts_have_other_filters() -> None:
    other = FILTERED.partition("programs:\n")[2].replace("watched", "second")

    programs = programs_in(ONLY + other.replace("main", "brand-b"), file="p.yaml")

    assert len(programs) == 2


def test_a_stored_program_with_another_filter_keeps_one_from_being_applied(
    tmp_path: Path,
) -> None:
    stage, file = FakeStage(), tmp_path / "programs.yaml"
    file.write_text(ONLY)
    stage.run("programs", "apply", str(file))
    file.write_text(FILTERED.replace("watched", "second"))

    refused = stage.run("programs", "apply", str(file))
    only_shown = stage.run("programs", "apply", str(file), "--dry-run")
    instead = stage.run("programs", "apply", str(file), "--prune")

    assert (refused.code, only_shown.code, instead.code) == (1, 1, 0)
    assert "koupon/main: program second has channel=web" in refused.err
    assert "and program watched, which is not in the file, no filter: one watch" in refused.err


def test_a_changed_filter_is_said_to_be_for_the_watches_that_begin(tmp_path: Path) -> None:
    stage, file = FakeStage(), tmp_path / "programs.yaml"
    file.write_text(ONLY)
    first = stage.run("programs", "apply", str(file))
    file.write_text(FILTERED)

    changed = stage.run("programs", "apply", str(file))
    again = stage.run("programs", "apply", str(file))
    listed = " ".join(stage.run("programs", "list").out.split())

    said = "koupon/main: watches that began with no filter keep it until they end; those that"
    assert said in " ".join(changed.out.split())
    assert "keep it" not in first.out + again.out
    assert "koupon main channel=web" in listed
