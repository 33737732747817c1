"""Messages sent to a queue that refuses some, is throttled, or does not answer."""

import json
import re

import pytest

from couponbus.aws.batches import BYTES_PER_CALL, batches
from couponbus.aws.queues import (
    SqsCommands,
    SqsNotifications,
    SqsQuarantine,
    SqsSignUps,
    SqsUnidentified,
)
from couponbus.domain.errors import QueueUnavailable
from couponbus.events.commands import ContinueWork, QuarantineLetter
from tests import factories
from tests.fakes.clock import ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import Cloud, bodies_in
from tests.integration.aws.faults import Fault, faults_on


@pytest.fixture
def commands(cloud: Cloud, clock: ManualClock) -> SqsCommands:
    return SqsCommands(client=cloud.clients.sqs, url=cloud.commands_url, clock=clock)


def refused(*places: int) -> Fault:
    failed = [{"Id": str(place), "Code": "ServiceUnavailable"} for place in places]
    return faults.answer(Successful=[], Failed=failed)


def some(count: int) -> list[ContinueWork]:
    return [factories.any_command() for _ in range(count)]


def test_only_what_was_refused_is_sent_again(
    cloud: Cloud, commands: SqsCommands, clock: ManualClock
) -> None:
    wanted = some(14)

    with faults_on(cloud.clients.sqs) as script:
        script.will(refused(2, 7), refused(12), faults.passes)
        commands.send(wanted)

    arrived = [ContinueWork.model_validate_json(each) for each in bodies_in(cloud.commands_url)]
    assert arrived == [wanted[2], wanted[7], wanted[12]]
    assert len(clock.slept) == 1


def test_what_is_refused_for_ever_makes_the_queue_unavailable(
    cloud: Cloud, commands: SqsCommands, clock: ManualClock
) -> None:
    with faults_on(cloud.clients.sqs) as script:
        script.will(*[refused(0, 1)] * 9)
        with pytest.raises(QueueUnavailable, match=r"^send_message_batch: 2 refused$"):
            commands.send(some(2))

    assert sum(clock.slept) < 3


@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.connect_timeout])
def test_a_queue_that_does_not_answer_is_unavailable(
    cloud: Cloud, commands: SqsCommands, fault: Fault
) -> None:
    with faults_on(cloud.clients.sqs) as script:
        script.will(*[fault] * 3)
        with pytest.raises(QueueUnavailable, match=r"^send_message_batch: \w+$"):
            commands.send(some(2))

    assert bodies_in(cloud.commands_url) == []


def test_a_lost_answer_is_no_success_though_the_message_is_there(
    cloud: Cloud, clock: ManualClock
) -> None:
    quarantine = SqsQuarantine(client=cloud.clients.sqs, url=cloud.quarantine_url, clock=clock)

    with faults_on(cloud.clients.sqs) as script:
        script.will(*[faults.lost_answer] * 3)
        with pytest.raises(QueueUnavailable):
            quarantine.put([factories.any_letter()])

    assert len(bodies_in(cloud.quarantine_url)) == 3


def test_no_call_is_larger_than_the_queue_allows() -> None:
    sizes = [BYTES_PER_CALL // 2, BYTES_PER_CALL // 2, 1, BYTES_PER_CALL + 5, 7]

    calls = list(batches("abcde", sizes, range(5)))

    assert [list(call.places) for call in calls] == [[0, 1], [2], [3], [4]]
    assert [list(call.entries) for call in calls] == [["a", "b"], ["c"], ["d"], ["e"]]


@pytest.mark.parametrize("letter", ["x", "ä", "漢"])
def test_what_a_call_holds_is_measured_in_bytes(
    cloud: Cloud, clock: ManualClock, letter: str
) -> None:
    sign_ups = SqsSignUps(client=cloud.clients.sqs, url=cloud.commands_url, clock=clock)
    body = letter * (BYTES_PER_CALL // 2 // len(letter.encode()))

    with faults_on(cloud.clients.sqs) as script:
        sign_ups.send([body, body, body])

        assert script.calls == ["SendMessageBatch"] * 2


ODD = "a\ufffeb\uffff"


def test_no_body_has_a_character_that_sqs_refuses_and_each_says_the_same(
    cloud: Cloud, clock: ManualClock
) -> None:
    """SQS refuses the whole call otherwise, with what belongs to other sign-ups."""
    client, url = cloud.clients.sqs, cloud.commands_url
    letter = factories.any_letter().model_copy(update={"signup_id": ODD})
    event = json.dumps({"signup_id": ODD}, ensure_ascii=False)

    SqsQuarantine(client=client, url=url, clock=clock).put([letter])
    SqsNotifications(client=client, url=url, clock=clock).send([event, event])
    SqsUnidentified(client=client, url=url, clock=clock).keep([event])

    first, *others = bodies_in(url)
    assert not re.search("[\ufffe\uffff]", "".join([first, *others]))
    assert QuarantineLetter.model_validate_json(first) == letter
    assert [json.loads(each) for each in others] == [[{"signup_id": ODD}] * 2, {"signup_id": ODD}]
