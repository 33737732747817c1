"""What becomes of messages that fail, wait, or have a noisy neighbour."""

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.fact import Verdict, fact
from tests.aws_smoke.laboratory_template import RECEIVES

SQS = "AWSSimpleQueueService/latest/SQSDeveloperGuide"
# Enough in flight (30 of them) for SQS to notice who is noisy, and a backlog behind.
NOISY, QUIET = 600, "quiet"
MIXED = ("a", "b", "bad", "c")
OF_AGES = ("Untouched", "Received")
# Seconds between the two messages, and until what is reported is later than both.
LATER, SETTLED = 180.0, 120.0
AGE = "ApproximateAgeOfOldestMessage"
PARTIAL_ANSWER_PAGE = "lambda/latest/dg/services-sqs-errorhandling.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """How often failed messages came at least, and each one that was in a batch with one."""

    failed: int
    beside: tuple[int, ...]


def judge_partial(seen: Partial) -> Verdict:
    """SQS may deliver twice, so what succeeded is compared with what failed."""
    return Verdict(
        holds=bool(seen.beside) and max(seen.beside) < seen.failed,
        seen=f"failed ones came {seen.failed} times, {len(seen.beside)} beside them"
        f" {max(seen.beside, default=0)} times",
    )


@fact("partial answer", page=PARTIAL_ANSWER_PAGE, judge=judge_partial, here="played")
def partial(cloud: Cloud) -> Partial:
    """Of a batch that is answered in part, only what failed comes again."""
    # Mixed, so that some are collected with one that fails, however they are shared.
    cloud.laboratory.send("Failing", [f"{kind}-partial-{n}" for n in range(4) for kind in MIXED])
    bad = [f"bad-partial-{n}" for n in range(4)]
    cloud.until(lambda: min(_times(cloud)[each] for each in bad) > 1, seconds=40)
    times = _times(cloud)
    batches = [each.items for each in cloud.laboratory.reports("Failing")]
    beside = {item for batch in batches if {*bad} & {*batch} for item in batch} - {*bad}
    return Partial(
        failed=min(times[each] for each in bad),
        beside=tuple(times[each] for each in sorted(beside) if "-partial-" in each),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """What lies in the dead letters, and how often it was tried before."""

    bodies: tuple[str, ...]
    tried: int


def judge_dead(seen: Dead) -> Verdict:
    """A receive without an invocation (a throttle) counts as well, so fewer tries are possible."""
    return Verdict(
        holds=seen.bodies == ("bad-dead",) and 1 <= seen.tried <= RECEIVES,
        seen=f"{len(seen.bodies)} dead letters after {seen.tried} tries of {RECEIVES}",
    )


@fact("dead letter", page=f"{SQS}/sqs-dead-letter-queues.html", judge=judge_dead, here="known")
def dead(cloud: Cloud) -> Dead:
    """A message that always fails is a dead letter after its third receive, as it was."""
    cloud.laboratory.send("Failing", ["bad-dead"])

    def found() -> tuple[str, ...]:
        return tuple(b for b in cloud.laboratory.heard("FailingDead") if b == "bad-dead")

    bodies = cloud.until(found, seconds=60)
    return Dead(bodies=bodies, tried=_times(cloud)["bad-dead"])


def judge_ages(ages: Mapping[str, float]) -> Verdict:
    """The first message of both is as old; in one it was received three times, and one follows."""
    if len(ages) < len(OF_AGES):
        return Verdict(holds=False, seen=f"no age of both in time: {dict(ages)}")
    untouched, received = (ages[name] for name in OF_AGES)
    return Verdict(
        holds=untouched - received >= LATER / 2,
        seen=f"untouched {untouched:.0f} s, received three times {received:.0f} s",
    )


@fact("age", page=f"{SQS}/sqs-available-cloudwatch-metrics.html", judge=judge_ages, here="lacking")
def ages(cloud: Cloud) -> Mapping[str, float]:
    """A message that was received three times no longer counts for the age of the oldest."""
    client, places = cloud.access.sqs(), cloud.laboratory.places
    for name in OF_AGES:
        client.send_message(QueueUrl=places[name], MessageBody="old")
    for _ in range(RECEIVES):
        received = cloud.until(
            lambda: client.receive_message(
                QueueUrl=places["Received"], VisibilityTimeout=1, WaitTimeSeconds=5
            ).get("Messages", []),
            seconds=10,
        )
        assert received, "a message of the queue cannot be received again"
    # Alone, what no longer counts would have no age at all, nor has a queue that does not report.
    cloud.over.wait(LATER)
    client.send_message(QueueUrl=places["Received"], MessageBody="young")

    def grown() -> Mapping[str, float]:
        untouched, received = (_ages(cloud, places[name]) for name in OF_AGES)
        for at in sorted(untouched.keys() & received.keys(), reverse=True):
            if untouched[at] >= LATER + SETTLED:
                return dict(zip(OF_AGES, (untouched[at], received[at]), strict=True))
        return {}

    return cloud.until(grown, seconds=120, pause=3)


def judge_fair(order: Sequence[str]) -> Verdict:
    """It was sent last: without fairness it comes last."""
    place = order.index(QUIET) + 1 if QUIET in order else 0
    return Verdict(
        holds=0 < place <= NOISY / 2,
        seen=f"the quiet tenant's came as number {place} of {len(order)}"
        if place
        else "it never came",
    )


@fact("fair queue", page=f"{SQS}/sqs-fair-queues.html", judge=judge_fair, here="lacking")
def fair(cloud: Cloud) -> Sequence[str]:
    """A quiet tenant's message overtakes those of a noisy one in a standard queue."""
    cloud.laboratory.send("Fair", [f"noisy-{n}" for n in range(NOISY)], group="noisy")
    cloud.laboratory.send("Fair", [QUIET], group=QUIET)
    # However long the sending took, none of them was read before.
    cloud.laboratory.enable("Fair")

    def order() -> list[str]:
        reports = sorted(cloud.laboratory.reports("Fair"), key=lambda each: each.began)
        return [item for each in reports for item in each.items]

    cloud.until(lambda: len(set(order())) > NOISY, seconds=60)
    return order()


def _times(cloud: Cloud) -> Counter[str]:
    return Counter(item for each in cloud.laboratory.reports("Failing") for item in each.items)


def _ages(cloud: Cloud, url: str) -> Mapping[datetime.datetime, float]:
    now = datetime.datetime.now(datetime.UTC)
    answer = cloud.access.metrics().get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName=AGE,
        Dimensions=[{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
        StartTime=now - datetime.timedelta(minutes=10),
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )
    return {each["Timestamp"]: each["Maximum"] for each in answer["Datapoints"]}


FACTS = (partial, dead, ages, fair)
