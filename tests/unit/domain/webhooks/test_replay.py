"""A replay is stored, with its request and the number of webhooks that it made."""

from datetime import timedelta

from tests.fakes.clock import NOON
from tests.webhook_factories import any_replay


def test_a_replay_ends_with_the_number_of_what_it_made_due() -> None:
    audit = any_replay()

    ended = audit.ended(sent=7, now=NOON)

    assert audit.key == ended.key == f"REPLAY#{audit.replay_id}"
    assert (audit.sent, audit.ended_at) == (0, None)
    assert (ended.sent, ended.ended_at) == (7, NOON)
    assert (ended.trail[-1].what, ended.trail[-1].detail) == ("all due", "7")


def test_a_replay_that_goes_on_ends_again() -> None:
    ended = any_replay().ended(sent=7, now=NOON)

    again = ended.ended(sent=9, now=NOON + timedelta(hours=1))

    assert (again.sent, again.ended_at) == (9, NOON + timedelta(hours=1))
