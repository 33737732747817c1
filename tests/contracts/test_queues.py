"""A queue holds the commands that were sent to it, in memory and on SQS alike."""

import json
from collections.abc import Callable, Iterator, Sequence

import pytest

from couponbus.aws.queues import SqsCommands, SqsQuarantine, SqsSignUps, SqsUnidentified
from couponbus.domain.provider import Provider
from couponbus.events.base import Command
from couponbus.events.commands import (
    ContinueWork,
    EndWatches,
    PollSpans,
    QuarantineLetter,
    SpanReference,
    WatchCustomers,
    WatchedCustomer,
)
from couponbus.ports.inbound import SignUps
from couponbus.ports.issuing import Unidentified
from couponbus.ports.shared import Commands, Quarantine
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.queues import MemoryCommands, MemoryQuarantine, MemorySignUps, MemoryUnidentified
from tests.integration.aws.cloud import Cloud
from tests.second_engine.cloud import ENGINES, cloud_of

KINDS: Sequence[type[Command]] = (ContinueWork, PollSpans, WatchCustomers, EndWatches)

type Sent = Callable[[], list[Command]]
type Bodies = Callable[[], list[str]]
type Put = Callable[[], list[QuarantineLetter]]


@pytest.fixture(params=ENGINES)
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    with cloud_of(request.param, request) as made:
        yield made


@pytest.fixture(params=["memory", *ENGINES])
def commands(request: pytest.FixtureRequest) -> Iterator[tuple[Commands, Sent]]:
    if request.param == "memory":
        queue = MemoryCommands()
        yield queue, lambda: queue.sent
        return
    with cloud_of(request.param, request) as cloud:
        adapter = SqsCommands(client=cloud.clients.sqs, url=cloud.commands_url, clock=ManualClock())
        yield adapter, lambda: [_read(each) for each in cloud.bodies_in(cloud.commands_url)]


@pytest.fixture(params=["memory", *ENGINES])
def sign_ups(request: pytest.FixtureRequest) -> Iterator[tuple[SignUps, Bodies]]:
    if request.param == "memory":
        queue = MemorySignUps()
        yield queue, lambda: queue.sent
        return
    with cloud_of(request.param, request) as cloud:
        adapter = SqsSignUps(client=cloud.clients.sqs, url=cloud.commands_url, clock=ManualClock())
        yield adapter, lambda: cloud.bodies_in(cloud.commands_url)


@pytest.fixture(params=["memory", *ENGINES])
def quarantine(request: pytest.FixtureRequest) -> Iterator[tuple[Quarantine, Put]]:
    if request.param == "memory":
        queue = MemoryQuarantine()
        yield queue, lambda: queue.letters
        return
    with cloud_of(request.param, request) as cloud:
        adapter = SqsQuarantine(
            client=cloud.clients.sqs, url=cloud.commands_url, clock=ManualClock()
        )
        read = QuarantineLetter.model_validate_json
        yield adapter, lambda: [read(each) for each in cloud.bodies_in(cloud.commands_url)]


@pytest.fixture(params=["memory", *ENGINES])
def unidentified(request: pytest.FixtureRequest) -> Iterator[tuple[Unidentified, Bodies]]:
    if request.param == "memory":
        queue = MemoryUnidentified()
        yield queue, lambda: queue.bodies
        return
    with cloud_of(request.param, request) as cloud:
        adapter = SqsUnidentified(
            client=cloud.clients.sqs, url=cloud.commands_url, clock=ManualClock()
        )
        yield adapter, lambda: cloud.bodies_in(cloud.commands_url)


def _read(body: str) -> Command:
    named = {kind.__name__: kind for kind in KINDS}
    return named[json.loads(body)["type"]].model_validate_json(body)


@pytest.mark.parametrize("count", [0, 1, 10, 35])
def test_every_command_arrives(commands: tuple[Commands, Sent], count: int) -> None:
    queue, sent = commands
    wanted = [factories.any_command() for _ in range(count)]

    queue.send(wanted)

    assert sent() == wanted


def test_commands_of_all_kinds_share_a_queue(commands: tuple[Commands, Sent]) -> None:
    queue, sent = commands
    wanted = [
        factories.any_command(),
        PollSpans(
            provider=Provider.KOUPON,
            account="brand",
            planned_at=NOON,
            useless_after=NOON,
            spans=(SpanReference(cohort="A#GROUP#1", shard=3, first="1", last="2~"),),
        ),
        WatchCustomers(program="welcome", customers=(WatchedCustomer(reference="customer-7"),)),
        EndWatches(reason="erased", keys=("WATCH#A",)),
    ]
    assert {type(each) for each in wanted} == set(KINDS)

    queue.send(wanted)

    assert sent() == wanted


def test_a_field_without_a_value_is_not_sent_as_older_workers_refuse_unknown_ones(
    cloud: Cloud,
) -> None:
    command = PollSpans(
        provider=Provider.KOUPON,
        account="brand",
        planned_at=NOON,
        useless_after=NOON,
        spans=(SpanReference(cohort="A#GROUP#1", shard=3, first="1", last="2~"),),
    )
    url = cloud.commands_url
    SqsCommands(client=cloud.clients.sqs, url=url, clock=ManualClock()).send([command])
    (body,) = cloud.bodies_in(url)

    assert "list_filter" not in json.loads(body)
    assert _read(body) == command


def test_every_sign_up_arrives_as_it_was_written(sign_ups: tuple[SignUps, Bodies]) -> None:
    queue, sent = sign_ups
    wanted = [f'{{"number": {number}, "name": "Zo\u00eb \U0001f600"}}' for number in range(100)]

    queue.send(wanted)

    assert sent() == wanted


def test_every_quarantine_record_arrives(quarantine: tuple[Quarantine, Put]) -> None:
    queue, put = quarantine
    wanted = [factories.any_letter() for _ in range(12)]

    queue.put(wanted)

    assert put() == wanted


def test_every_message_without_a_sign_up_id_is_kept_as_it_is(
    unidentified: tuple[Unidentified, Bodies],
) -> None:
    queue, kept = unidentified
    wanted = ["{", "no JSON", "Zo\u00eb \U0001f600", *("x" * 200_000 for _ in range(12))]

    queue.keep(wanted)

    assert kept() == wanted
