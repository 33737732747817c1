"""`couponbus stop` and `start`: one part of a stage, and nothing else, stops and starts again."""

import pytest

from tests.unit.cli.stage import FakeStage

OF_A_PART = [
    ("issuing", {"signups"}),
    ("webhooks", {"deliveries", "redeliveries"}),
]


def off(stage: FakeStage) -> set[str]:
    return {each.source for each in stage.triggers.all() if each.is_off}


@pytest.mark.parametrize(("part", "sources"), OF_A_PART)
def test_a_part_stops_alone_and_starts_again(part: str, sources: set[str]) -> None:
    stage = FakeStage()

    stopped = stage.run("stop", part)
    while_stopped = off(stage)
    started = stage.run("start", part)

    assert (stopped.code, started.code) == (0, 0)
    assert while_stopped == sources
    assert off(stage) == set()
    assert f"couponbus start {part}" in stopped.out


def test_a_part_that_is_stopped_already_is_said_to_be() -> None:
    stage = FakeStage()
    stage.run("stop", "issuing")

    code, data = stage.run_json("stop", "issuing")

    assert (code, data) == (0, {"part": "issuing", "stopped": []})


def test_what_cannot_be_stopped_by_itself_is_a_usage_error() -> None:
    assert FakeStage().run("stop", "publishing").code == 2


def test_no_part_starts_while_the_table_is_restored() -> None:
    stage = FakeStage()
    stage.run("restore", "begin", "--to", "3h")

    outcome = stage.run("start", "issuing")

    assert outcome.code == 1
    assert "couponbus restore start" in outcome.err
    assert "signups" in off(stage)


def test_status_names_what_an_operator_has_stopped_and_how_it_starts() -> None:
    stage = FakeStage()
    stage.run("stop", "issuing")

    outcome = stage.run("status")

    assert outcome.code == 1
    assert "couponbus start issuing" in outcome.out
