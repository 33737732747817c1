"""A stage that has paused something reads no queue of it, and its alarms say so."""

from dataclasses import replace
from pathlib import Path

import pytest

from couponbus_cli.app.triggers import STOPPED_WITH
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.stage import PAUSES
from infra.sources import Sources
from tests.infra.alarms import alarms
from tests.infra.assembly import Assembly
from tests.infra.project import synthesised
from tests.infra.stages import DEV


def read_queues(assembly: Assembly) -> dict[str, bool]:
    """Return whether each mapping is enabled, by its queue; that of the stream says nothing."""
    return {
        assembly.words(each.properties["EventSourceArn"], "workers"): each.properties["Enabled"]
        for each in assembly.of("AWS::Lambda::EventSourceMapping")
        if "Enabled" in each.properties
    }


def test_what_is_paused_is_not_read_and_every_alarm_says_what_it_is(
    project: Sources, tmp_path: Path
) -> None:
    stage = replace(DEV, paused=("webhooks", "issuing"))

    made = synthesised(project, tmp_path, stage=stage)

    assert {name.rpartition("-")[2]: on for name, on in read_queues(made).items()} == {
        "signups": False,
        "polls": True,
        "notifications": True,
        "deliveries": False,
        "redeliveries": False,
    }
    assert made.templates["workers"]["Outputs"]["Paused"]["Value"] == "issuing,webhooks"
    descriptions = {str(each["AlarmDescription"]) for each in alarms(made).values()}
    assert [
        each for each in descriptions if "Paused in this stage: issuing, webhooks." not in each
    ] == []


def test_a_stage_that_pauses_nothing_says_that_each_queue_is_read(dev: Assembly) -> None:
    """A mapping that says nothing would stay disabled when it was stopped by hand."""
    assert set(read_queues(dev).values()) == {True}
    assert len(read_queues(dev)) == 5
    assert dev.templates["workers"]["Outputs"]["Paused"]["Value"] == "none"


def test_the_command_stops_what_a_stage_may_pause() -> None:
    assert {str(part): set(queues) for part, queues in STOPPED_WITH.items()} == {
        part: set(queues) for part, queues in PAUSES.items()
    }


def test_what_cannot_be_paused_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="paused has 'publishing'"):
        replace(DEV, paused=("publishing",))  # type: ignore[arg-type]
