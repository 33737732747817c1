"""Batches of a DynamoDB stream with the failure rules of Lambda, each mapping on its own thread."""

import time
from dataclasses import dataclass, replace

from ministack.core.arn import parse_arn
from ministack.services import dynamodb, lambda_svc

from couponbus_sandbox.engine.shims.item_failures import failed_items

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
DEFAULT_BATCH = 100

type Record = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of a mapping in its shard: how often the front failed, its bisected size."""

    retries: int = 0
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The front of the shard: all records up to `end`, and those that pass the filter."""

    mapping: Record
    function: Record
    table: str
    start: int
    raw: list[Record]
    records: list[Record]

    @property
    def mapping_id(self) -> str:
        """The key of everything that MiniStack keeps about the mapping."""
        return str(self.mapping["UUID"])

    @property
    def end(self) -> int:
        """The position in the shard after the batch."""
        return self.start + len(self.raw)


_progress: dict[str, Progress] = {}


def install() -> None:
    """Replace the stream poller, which ignores item failures, retry limits and destinations."""
    lambda_svc._poll_dynamodb_streams = _poll


def _poll() -> bool:
    """Start what is due; one batch a mapping at a time keeps the shard in order."""
    started = [_start(*scoped) for scoped in lambda_svc._iter_all_esms()]
    return any(started)


def _start(account: str, region: str, mapping: Record) -> bool:
    account_token = lambda_svc._request_account_id.set(account)
    region_token = lambda_svc._request_region.set(region)
    try:
        batch = _front(mapping) if _is_idle(mapping) else None
        if batch is None:
            return False
        lambda_svc._dispatch_esm_batch(batch.mapping_id, _run, batch)
        return True
    finally:
        lambda_svc._request_account_id.reset(account_token)
        lambda_svc._request_region.reset(region_token)


def _is_idle(mapping: Record) -> bool:
    mapping_id = mapping["UUID"]
    if not mapping.get("Enabled", True) or ":dynamodb:" not in str(mapping["EventSourceArn"]):
        return False
    if lambda_svc._esm_inflight.get(mapping_id):
        return False
    return bool(lambda_svc._esm_backoff_until.get(mapping_id, 0) <= time.time())


def _front(mapping: Record) -> Batch | None:
    arn = str(mapping["EventSourceArn"])
    found = lambda_svc._dynamodb_stream_table_from_arn_spec(parse_arn(arn))
    function, _ = lambda_svc._get_func_record_for_qualifier(
        mapping["FunctionName"], mapping.get("Qualifier")
    )
    if not found or function is None:
        return None
    table = found[0]
    if (dynamodb._tables.get(table) or {}).get("LatestStreamArn") != arn:
        return None
    mapping_id = str(mapping["UUID"])
    start = _position(mapping_id, table, mapping)
    size = _progress.get(mapping_id, Progress()).size or mapping.get("BatchSize", DEFAULT_BATCH)
    raw = dynamodb.stream_records_since(table, start, size)
    if not raw:
        return None
    return Batch(
        mapping=mapping,
        function=function,
        table=table,
        start=start,
        raw=raw,
        records=lambda_svc._apply_filter_criteria(raw, mapping),
    )


def _position(mapping_id: str, table: str, mapping: Record) -> int:
    horizon = dynamodb.stream_start_position(table)
    from_the_start = mapping.get("StartingPosition") == "TRIM_HORIZON"
    first = horizon if from_the_start else dynamodb.stream_end_position(table)
    position = max(lambda_svc._dynamodb_stream_positions.get(mapping_id, first), horizon)
    lambda_svc._dynamodb_stream_positions[mapping_id] = position
    return int(position)


def _run(batch: Batch) -> None:
    if not batch.records:
        _move(batch, to=batch.end)
        return
    result = lambda_svc._execute_function(batch.function, {"Records": batch.records})
    failed = failed_items(
        result=result,
        mapping=batch.mapping,
        sent=[_sequence(record) for record in batch.records],
    )
    first = next((record for record in batch.raw if _sequence(record) in failed), None)
    if first is None:
        _move(batch, to=batch.end)
    elif first is not batch.records[0]:
        _move(batch, to=batch.start + batch.raw.index(first))
    else:
        _failed(batch, result)


def _failed(batch: Batch, result: Record) -> None:
    """Bisect first, which costs no retry; then retry; at the limit send the failure record."""
    progress = _progress.get(batch.mapping_id, Progress())
    if batch.mapping.get("BisectBatchOnFunctionError") and len(batch.raw) > 1:
        _progress[batch.mapping_id] = replace(progress, size=(len(batch.raw) + 1) // 2)
        return
    reason = _exhausted(batch, progress)
    if reason:
        lambda_svc._send_ddb_stream_failure_record(
            batch.mapping,
            batch.function,
            batch.records,
            batch.mapping["EventSourceArn"],
            result,
            reason,
        )
        _move(batch, to=batch.end)
        return
    _progress[batch.mapping_id] = replace(progress, retries=progress.retries + 1)
    pause = min(FIRST_PAUSE * 2**progress.retries, LONGEST_PAUSE)
    lambda_svc._esm_backoff_until[batch.mapping_id] = time.time() + pause


def _exhausted(batch: Batch, progress: Progress) -> str:
    """Return why the batch is given up, or nothing while it may be tried again."""
    retries = int(str(batch.mapping.get("MaximumRetryAttempts", -1)))
    if 0 <= retries <= progress.retries:
        return "RetryAttemptsExhausted"
    longest = int(str(batch.mapping.get("MaximumRecordAgeInSeconds", -1)))
    age = time.time() - _born(batch.records[0])
    return "MaxRecordAgeExceeded" if 0 < longest < age else ""


def _move(batch: Batch, *, to: int) -> None:
    lambda_svc._dynamodb_stream_positions[batch.mapping_id] = to
    lambda_svc._esm_backoff_until.pop(batch.mapping_id, None)
    _progress.pop(batch.mapping_id, None)


def _sequence(record: Record) -> str:
    return str(_change(record)["SequenceNumber"])


def _born(record: Record) -> float:
    return float(str(_change(record)["ApproximateCreationDateTime"]))


def _change(record: Record) -> Record:
    change = record["dynamodb"]
    return change if isinstance(change, dict) else {}
