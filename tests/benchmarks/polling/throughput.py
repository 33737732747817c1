"""Polls per second of the real handler: real client, transport and threads, a slow provider.

Table, cohorts and rate limiter are in memory: a poll without news needs one call of each for many
watches.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from couponbus.aws.clock import SystemClock
from couponbus.aws.secrets import Secrets
from couponbus.domain.polling.cohort import (
    Cohort,
    CohortKind,
    CohortSizes,
    Member,
    Span,
    hour_of,
    span,
)
from couponbus.domain.polling.poll_policy import PollGroup, PollPolicy
from couponbus.domain.provider import Provider
from couponbus.events.commands import PollSpans, SpanReference
from couponbus.ports.polling import Redemptions
from couponbus.providers.uniqodo.account import UniqodoAccount
from couponbus.runtime.polling import provider_redemptions
from couponbus.runtime.queue_batches import SqsEvent
from couponbus.runtime.threads import ThreadedExecutor
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.polling import assembly as polling_assembly
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from functions.poll_redemptions.handler import handler
from functions.poll_redemptions.wiring import THREADS
from tests import factories
from tests.benchmarks.load import Context
from tests.benchmarks.polling.crowd import UNLIMITED
from tests.benchmarks.polling.provider import slow_provider
from tests.benchmarks.quiet import into_nowhere
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms
from tests.fakes.pseudonyms import PlainPseudonyms
from tests.fakes.queues import MemoryQuarantine
from tests.fakes.rate_limiter import MemoryRateLimiter

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

LATENCY = 0.1
PROMOTION = "a0" * 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """The duration of some polls, in seconds of the clock and of this process."""

    polls: int
    seconds: float
    cpu: float

    @property
    def a_second(self) -> float:
        """Return the polls per second of the clock, most of which is waiting."""
        return self.polls / self.seconds

    @property
    def a_second_and_core(self) -> float:
        """Return the polls per second of CPU time."""
        return self.polls / self.cpu


class _Secret:
    """The key, as Secrets Manager gives it."""

    def get_secret_value(self, **asked: str) -> Mapping[str, str]:
        del asked
        return {"SecretString": "test-key-not-real"}


class _OneSpan:
    """`ports.Cohorts` with a single span."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members

    def enter(self, arrivals: Mapping[Cohort, int]) -> None:
        raise AssertionError("nothing changes")

    def leave(self, departures: Mapping[Cohort, int]) -> None:
        raise AssertionError("nothing changes")

    def sizes(self) -> CohortSizes:
        raise AssertionError("that is the schedule's business")

    def members(self, span: Span) -> Sequence[Member]:
        del span
        return self._members


def measure(*, polls: int, rounds: int) -> list[Throughput]:
    """Poll `polls` watches without news, once in each round."""
    with slow_provider(latency=LATENCY) as url:
        redemptions = _redemptions(url)
        job = _poller(redemptions, members=_members(redemptions, polls))
        event = _event()
        _timed(job, event, polls)  # opens the connections
        return [_timed(job, event, polls) for _ in range(rounds)]


def _timed(job: PollRedemptions, event: SqsEvent, polls: int) -> Throughput:
    began, spent = time.monotonic(), time.process_time()
    with into_nowhere():
        answer = handler(event, Context(function_name="poll_redemptions"), service=job)
    found = Throughput(
        polls=polls, seconds=time.monotonic() - began, cpu=time.process_time() - spent
    )
    assert not answer["batchItemFailures"]
    return found


def _redemptions(url: str) -> Redemptions:
    clock = SystemClock()
    return provider_redemptions(
        uniqodo=[UniqodoAccount(name="main", secret_id="secret", base_url=url)],
        koupon=[],
        secrets=Secrets(client=cast("SecretsManagerClient", _Secret()), clock=clock),
        clock=clock,
        threads=THREADS,
    )


def _members(redemptions: Redemptions, count: int) -> list[Member]:
    """Return watches whose digests are up to date."""
    seen = redemptions.poll(
        provider=Provider.UNIQODO,
        account="main",
        promotion=PROMOTION,
        user_id="user-0",
        list_filter=None,
        deadline=SystemClock().now() + timedelta(seconds=10),
    )
    return [
        Member(
            watch_id=f"W{number}", promotion=PROMOTION, user_id=f"user-{number}", digest=seen.digest
        )
        for number in range(count)
    ]


def _event() -> SqsEvent:
    now = SystemClock().now()
    group = PollGroup(provider=Provider.UNIQODO, account="main", poll_policy=PollPolicy())
    cohort = Cohort(kind=CohortKind.AGE, group=group, hour=hour_of(now))
    found = span(cohort, shard=0, minute=cohort.hour * 60, minutes=60)
    command = PollSpans(
        provider=Provider.UNIQODO,
        account="main",
        planned_at=now,
        useless_after=now.replace(year=now.year + 1),
        spans=(
            SpanReference(
                cohort=found.cohort_key, shard=found.shard, first=found.first, last=found.last
            ),
        ),
    )
    return {"Records": [{"messageId": "m-1", "body": command.model_dump_json()}]}


def _poller(redemptions: Redemptions, *, members: Sequence[Member]) -> PollRedemptions:
    clock, ledger = SystemClock(), MemoryLedger()
    base = Foundation(ledger=ledger, clock=clock, ids=CountingIds(), timing=factories.any_timing())
    return polling_assembly.poll_redemptions(
        base,
        redemptions=redemptions,
        cohorts=_OneSpan(members),
        programs=MemoryPrograms,
        limiters={
            provider: MemoryRateLimiter(
                clock=clock, calls_per_second={"main": UNLIMITED.calls_per_second}
            )
            for provider in Provider
        },
        accounts=(UNLIMITED,),
        quarantine=MemoryQuarantine(),
        pseudonyms=PlainPseudonyms(),
        executor=ThreadedExecutor(size=THREADS),
    )
