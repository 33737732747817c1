"""How large the batches of a queue are: at a low rate, in a burst, at once, and in bytes."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.fact import Verdict, fact
from tests.aws_smoke.laboratory import Report
from tests.aws_smoke.laboratory_template import LOW_WINDOW

SCALING = "lambda/latest/dg/services-sqs-scaling.html"
BATCHING = (
    "lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching"
)
EACH_SECOND, BURST, SLOW_ONES, LARGE_ONES = 40, 800, 10, 160
LARGE = 200_000
LARGEST_PAYLOAD = 6 * 1024 * 1024
CUT = LARGEST_PAYLOAD - 5 * LARGE
BOTH = 2
CLOCKS = 0.05  # those of two environments differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The batches of a run, and over how many seconds its messages were sent."""

    sizes: tuple[int, ...]
    seconds: float


def judge_low(seen: Collected) -> Verdict:
    """Two collectors begin two batches in each window, five begin more than three."""
    windows = max(1.0, seen.seconds / LOW_WINDOW)
    each = len(seen.sizes) / windows
    return Verdict(
        holds=sum(seen.sizes) >= EACH_SECOND and each <= BOTH + 0.5,
        seen=f"{len(seen.sizes)} batches of {sum(seen.sizes)} messages, {each:.1f} in each window",
    )


@fact("low rate", page=SCALING, judge=judge_low, here="played")
def low(cloud: Cloud) -> Collected:
    """With MaximumConcurrency 2, two collectors share a message a second, not five."""
    began = time.time()
    for number in range(EACH_SECOND):
        cloud.laboratory.send("Slow", [f"low-{number}"])
        if cloud.over.wait(max(0.0, began + number + 1 - time.time())):
            break
    seconds = time.time() - began
    reports = _all_of(cloud, "Slow", EACH_SECOND)
    return Collected(sizes=tuple(len(each.items) for each in reports), seconds=seconds)


def judge_burst(sizes: Sequence[int]) -> Verdict:
    """The half of a full batch on average is what the cost figures stand on."""
    mean = sum(sizes) / max(1, len(sizes))
    return Verdict(
        holds=sum(sizes) >= BURST and mean >= 100,
        seen=f"{len(sizes)} batches of {sum(sizes)} messages, {mean:.0f} each",
    )


@fact("burst", page=BATCHING, judge=judge_burst, here="played")
def burst(cloud: Cloud) -> Sequence[int]:
    """A backlog of 800 messages fills batches of up to 200."""
    # It is read only once all is there, however long the sending took.
    cloud.laboratory.send("Burst", [f"burst-{number}" for number in range(BURST)])
    cloud.laboratory.enable("Burst")
    return [len(each.items) for each in _all_of(cloud, "Burst", BURST)]


def judge_few(reports: Sequence[Report]) -> Verdict:
    """At the begin of each invocation, count those that run."""
    at_once = max(
        (sum(one.began <= each.began < one.ended - CLOCKS for one in reports) for each in reports),
        default=0,
    )
    return Verdict(
        holds=len(reports) >= SLOW_ONES and at_once <= BOTH,
        seen=f"{len(reports)} invocations, {at_once} at once",
    )


@fact("concurrency", page=SCALING, judge=judge_few, here="played")
def few(cloud: Cloud) -> Sequence[Report]:
    """MaximumConcurrency 2 runs no more than two batches at once."""
    cloud.laboratory.send("Few", [f"few-{number}" for number in range(SLOW_ONES)])
    return _all_of(cloud, "Few", SLOW_ONES)


def judge_large(reports: Sequence[Report]) -> Verdict:
    """A batch that is as large as a payload may be was ended by that, and by nothing else."""
    items = {item for each in reports for item in each.items}
    largest = max((each.size for each in reports), default=0)
    return Verdict(
        holds=len(items) == LARGE_ONES and CUT <= largest <= LARGEST_PAYLOAD,
        seen=f"{len(items)} messages in {len(reports)} batches, the largest {largest / 1e6:.1f} MB",
    )


@fact("6 MB", page=BATCHING, judge=judge_large, here="played")
def large(cloud: Cloud) -> Sequence[Report]:
    """A batch of more than 6 MB is handed over in parts, and nothing is lost."""
    # Five collectors would each have more than a payload, too.
    for number in range(LARGE_ONES):
        cloud.laboratory.send("Large", [f"large-{number}-".ljust(60, "x") + "x" * LARGE])
    cloud.laboratory.enable("Large")
    return _all_of(cloud, "Large", LARGE_ONES)


def _all_of(cloud: Cloud, bench: str, total: int) -> Sequence[Report]:
    def handled() -> bool:
        items = {item for each in cloud.laboratory.reports(bench) for item in each.items}
        return len(items) >= total

    cloud.until(handled, seconds=40)
    return cloud.laboratory.reports(bench)


FACTS = (low, burst, few, large)
