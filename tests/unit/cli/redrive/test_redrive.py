"""`couponbus redrive`: what waits when it begins is sent once more, and said how much it was."""

import json

import pytest

from tests.unit.cli.stage import FakeStage


@pytest.mark.parametrize(
    ("waiting", "said"),
    [
        (0, "0 messages were sent to signups again."),
        (1, "1 message was sent to signups again. What still has no sign-up id comes back"),
        (2000, "2000 messages were sent to signups again."),
    ],
)
def test_all_that_waits_is_sent_again(waiting: int, said: str) -> None:
    stage = FakeStage()
    stage.queues.visible["unidentified"] = waiting

    outcome = stage.run("redrive")

    assert outcome.code == 0
    assert said in " ".join(outcome.out.split())
    assert stage.queues.visible["unidentified"] == 0


def test_a_program_reads_how_many_were_sent() -> None:
    stage = FakeStage()
    stage.queues.visible["unidentified"] = 3

    assert json.loads(stage.run("redrive", "--json").out) == {"sent": 3}
