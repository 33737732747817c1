"""What a function that reads a table's stream is given, and given again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.fact import Verdict, fact

ERRORS = "lambda/latest/dg/services-ddb-batchfailurereporting.html"
POISON = "poison-3"
GOOD = frozenset({"row-1", "row-2", "row-4"})
BISECT_PAGE = "lambda/latest/dg/services-dynamodb-errors.html"
FILTER_PAGE = "lambda/latest/dg/invocation-eventfiltering.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """All batches, and how many records each one that was given up has."""

    batches: tuple[tuple[str, ...], ...]
    given_up: tuple[int, ...] = ()


def handled_of(seen: Read) -> set[str]:
    """Return the rows of all batches that no poison ended."""
    return {item for batch in seen.batches if POISON not in batch for item in batch}


def judge_bisected(seen: Read) -> Verdict:
    """All rows are of one partition key, and so of one shard, and came together at first."""
    handled = handled_of(seen)
    together = any(POISON in batch and len(batch) > 1 for batch in seen.batches)
    return Verdict(
        holds=together and handled == GOOD and seen.given_up == (1,),
        seen=f"{len(handled)} of {len(GOOD)} rows handled, given up: {list(seen.given_up)} rows",
    )


@fact("bisect", page=BISECT_PAGE, judge=judge_bisected, here="played")
def bisected(cloud: Cloud) -> Read:
    """Bisection leaves the poison record of a stream alone, and all others are handled."""
    _write(cloud, "PoisonRows", ["row-1", "row-2", POISON, "row-4"])
    cloud.laboratory.enable("Poison")

    def over() -> bool:
        seen = _read(cloud, "Poison")
        return handled_of(seen) >= GOOD and bool(seen.given_up)

    cloud.until(over, seconds=40)
    return _read(cloud, "Poison")


def judge_checkpoint(seen: Read) -> Verdict:
    """Only if another row stood before the failed one, it could have come again."""
    tries = [batch for batch in seen.batches if "bad-2" in batch]
    before = {row for batch in tries[:1] for row in batch[: batch.index("bad-2")]}
    again = sum(bool(before.intersection(batch)) for batch in tries[1:])
    return Verdict(
        holds=len(tries) > 1 and bool(before) and again == 0,
        seen=f"the failed row came {len(tries)} times, first with {len(before)} before it,"
        f" {again} times with them again",
    )


@fact("checkpoint", page=ERRORS, judge=judge_checkpoint, here="played")
def checkpoint(cloud: Cloud) -> Read:
    """A stream goes on from the first record that was reported as failed."""
    _write(cloud, "CheckpointRows", ["row-1", "bad-2", "row-3"])
    cloud.laboratory.enable("Checkpoint")
    cloud.until(lambda: _read(cloud, "Checkpoint").given_up, seconds=40)
    return _read(cloud, "Checkpoint")


def judge_filtered(seen: Read) -> Verdict:
    """The pattern is the one that the stage is deployed with."""
    handled = [item for batch in seen.batches for item in batch]
    return Verdict(
        holds=set(handled) == {"owing-3"}, seen=f"handled: {', '.join(handled) or 'none'}"
    )


@fact("filter", page=FILTER_PAGE, judge=judge_filtered, here="known")
def filtered(cloud: Cloud) -> Read:
    """The filter of the ledger's stream lets through only rows that owe an event."""
    _write(cloud, "FilteredRows", ["silent-1", "silent-2"])
    _write(cloud, "FilteredRows", ["owing-3"], unpublished="2026-01-31T12:00:00Z")
    cloud.until(lambda: _read(cloud, "Filtered").batches, seconds=40)
    return _read(cloud, "Filtered")


def _write(cloud: Cloud, table: str, names: Sequence[str], **more: str) -> None:
    """Write rows one by one: a stream may have those of a transaction in any order."""
    texts = {name: {"S": value} for name, value in more.items()}
    for name in names:
        cloud.access.dynamodb().put_item(
            TableName=cloud.laboratory.places[table],
            Item={"pk": {"S": "one"}, "sk": {"S": name}, **texts},
        )


def _read(cloud: Cloud, bench: str) -> Read:
    dead = [json.loads(each) for each in cloud.laboratory.heard(f"{bench}Dead")]
    return Read(
        batches=tuple(each.items for each in cloud.laboratory.reports(bench)),
        given_up=tuple(each["DDBStreamBatchInfo"]["batchSize"] for each in dead),
    )


FACTS = (bisected, checkpoint, filtered)
