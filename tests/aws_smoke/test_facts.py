"""Each fact holds in the world that we expect, and is refuted in a world that is otherwise."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from moto import mock_aws

from tests.architecture import tree
from tests.aws_smoke.fact import Fact
from tests.aws_smoke.facts import FACTS
from tests.aws_smoke.facts.batching import LARGE_ONES, Collected
from tests.aws_smoke.facts.bus import Forged
from tests.aws_smoke.facts.deploying import Read as Output
from tests.aws_smoke.facts.failing import NOISY, Dead, Partial
from tests.aws_smoke.facts.rights import ALLOWED, FOREIGN
from tests.aws_smoke.facts.streaming import POISON, Read
from tests.aws_smoke.laboratory import Laboratory, Report

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

DENIED = "AccessDeniedException"
ROWS = ("row-1", "row-2", POISON, "row-4")


def runs(*begins: float) -> Sequence[Report]:
    """Invocations of a second each, with one message each."""
    return [
        Report(items=(f"few-{n}",), size=100, began=at, ended=at + 1) for n, at in enumerate(begins)
    ]


def payloads(*sizes: int) -> Sequence[Report]:
    """Batches with all messages."""
    each = LARGE_ONES // len(sizes)
    return [
        Report(items=tuple(f"{n}-{i}" for i in range(each)), size=size, began=0, ended=1)
        for n, size in enumerate(sizes)
    ]


def rights(*, own: str, foreign: str) -> Mapping[str, str]:
    return {ALLOWED: own, FOREIGN: foreign}


def order(*, quiet_at: int) -> Sequence[str]:
    noisy = [f"noisy-{n}" for n in range(NOISY)]
    return [*noisy[:quiet_at], "quiet", *noisy[quiet_at:]]


# What is seen where the fact holds, and worlds where it does not.
WORLDS: Mapping[str, tuple[Any, Sequence[Any]]] = {
    "sign-up": (["BarcodeIssued"], [[], ["SignUpRejected"]]),
    "patterns": (
        [True, False, True, False, True, True, True],
        [[True, False, True, False, True, True, False], [False] * 7],
    ),
    "replay": (["BarcodeIssued"], [[]]),
    "forgery": (
        Forged(as_shop="", as_ours=DENIED),
        [Forged(as_shop="", as_ours=""), Forged(as_shop=DENIED, as_ours=DENIED)],
    ),
    "low rate": (
        Collected(sizes=(6, 5, 5, 5, 5, 5, 5, 4), seconds=40),
        [Collected(sizes=(3,) * 14, seconds=40), Collected(sizes=(6,) * 3, seconds=40)],
    ),
    "burst": ([200, 200, 200, 200], [[10] * 80, [200, 200, 200]]),
    "concurrency": (
        runs(0, 0, 1, 1, 2, 2, 3, 3, 4, 4),
        [runs(0, 0, 0, 1, 1, 2, 2, 3, 3, 4), runs(0, 1)],
    ),
    "6 MB": (
        payloads(6_200_000, 6_200_000, 3_000_000, 6_000_000, 2_000_000),
        [
            payloads(8_000_000),
            payloads(7_000_000, 1_000),
            payloads(6_200_000, 6_200_000)[:1],
            payloads(4_000_000, 4_000_000),
        ],
    ),
    "partial answer": (
        Partial(failed=3, beside=(1, 1, 2)),
        [Partial(failed=3, beside=(3, 3)), Partial(failed=3, beside=())],
    ),
    "dead letter": (
        Dead(bodies=("bad-dead",), tried=3),
        [Dead(bodies=(), tried=9), Dead(bodies=("bad-dead",), tried=4)],
    ),
    "age": (
        {"Untouched": 310.0, "Received": 125.0},
        [
            {"Untouched": 310.0, "Received": 305.0},
            {"Untouched": 60.0, "Received": 0.0},
            {"Untouched": 310.0},
            {},
        ],
    ),
    "fair queue": (order(quiet_at=30), [order(quiet_at=NOISY), ["noisy-1"]]),
    "bisect": (
        Read(batches=(ROWS, ROWS[:2], ROWS[2:], (POISON,), ("row-4",)), given_up=(1,)),
        [
            Read(batches=(ROWS, ROWS, ROWS), given_up=(4,)),
            Read(batches=(ROWS, ROWS[:2], ROWS[2:], (POISON,)), given_up=(1,)),
            Read(batches=(ROWS, ROWS[:2], ROWS[2:], (POISON,), ("row-4",))),
            Read(batches=(ROWS[:2], (POISON,), ("row-4",)), given_up=(1,)),
        ],
    ),
    "checkpoint": (
        Read(batches=(("row-1", "bad-2", "row-3"), ("bad-2", "row-3"))),
        [
            Read(batches=(("row-1", "bad-2", "row-3"),) * 2),
            Read(batches=(("row-1", "bad-2", "row-3"),)),
            Read(batches=(("row-1",), ("bad-2", "row-3"), ("bad-2", "row-3"))),
        ],
    ),
    "filter": (
        Read(batches=(("owing-3",),)),
        [Read(batches=(("silent-1", "silent-2"), ("owing-3",))), Read(batches=())],
    ),
    **{
        name: (
            rights(own="", foreign=DENIED),
            [rights(own="", foreign=""), rights(own=DENIED, foreign=DENIED), {}],
        )
        for name in ("rows", "statements", "secrets")
    },
    "conflict": (["TransactionConflict"], [[], ["ThrottlingError"]]),
    "retention": (
        ["ROLLBACK_COMPLETE", "CREATE_COMPLETE"],
        [["ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE"], ["CREATE_COMPLETE", "CREATE_COMPLETE"]],
    ),
    "weak reference": (
        Output(value="a value", taken_away="UPDATE_COMPLETE"),
        [
            Output(value="", taken_away="UPDATE_COMPLETE"),
            Output(value="a value", taken_away="UPDATE_ROLLBACK_COMPLETE"),
        ],
    ),
    "throttle": ({400: 12, 429: 108}, [{400: 120}, {429: 120}, {400: 10, 429: 100, 500: 10}]),
    "schedule": ([0.0, 60.0, 121.0], [[0.0], [0.0, 300.0], []]),
    "metric": (2.0, [0.0]),
    "alarm": (["ALARM"], [[], ["OK"]]),
}


def test_there_are_twenty_five_facts_and_a_world_for_each() -> None:
    assert len(FACTS) == 25
    assert [fact.name for fact in FACTS if fact.name not in WORLDS] == []


def test_the_readme_says_how_many_of_them_an_engine_knows() -> None:
    of = Counter(fact.here for fact in FACTS)
    said = (
        f"{of['known']} of the {len(FACTS)} hold, {of['played']} are played by our shims,"
        f" {of['lacking']} cannot be asked: those {of['played'] + of['lacking']} are marked"
    )

    assert said in " ".join(tree.text(tree.ROOT / "README.md").split())


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_a_fact_holds_as_expected_and_is_refuted_where_it_is_not_so(fact: Fact[Any]) -> None:
    expected, others = WORLDS[fact.name]

    assert fact.judge(expected).holds
    assert [other for other in others if fact.judge(other).holds] == []
    assert fact.judge(expected).seen != fact.judge(others[0]).seen


@pytest.fixture
def queues() -> Iterator["SQSClient"]:
    with mock_aws():
        yield boto3.client(
            "sqs", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )


def test_what_a_bench_reports_is_in_the_order_of_its_invocations(queues: "SQSClient") -> None:
    url = queues.create_queue(QueueName="out")["QueueUrl"]
    for began in (3, 1, 2):
        report = {"items": [f"run-{began}"], "size": 1, "began": began, "ended": began}
        queues.send_message(QueueUrl=url, MessageBody=json.dumps(report))
    laboratory = Laboratory(
        queues=queues, functions=cast("LambdaClient", None), places={"BenchOut": url}
    )

    assert [each.began for each in laboratory.reports("Bench")] == [1, 2, 3]
