"""Which messages stay in the queue after an invocation: the failed ones, or all if malformed."""

import time

from ministack.services import lambda_svc, sqs

from couponbus_sandbox.engine.shims.item_failures import failed_items

type Record = dict[str, object]


def install() -> None:
    """Replace the settling of a batch, which forgets messages whose identifier is misspelt."""
    lambda_svc._run_sqs_batch = _run


def _run(
    mapping: Record,
    function: Record,
    event: Record,
    batch: list[Record],
    queue_url: str,
    queue_name: str,
) -> None:
    result = lambda_svc._execute_function(function, event)
    failed = failed_items(
        result=result, mapping=mapping, sent=[str(message["id"]) for message in batch]
    )
    done = {str(message["receipt_handle"]) for message in batch if message["id"] not in failed}
    sqs._delete_messages_for_esm(queue_url, done)
    mapping["LastProcessingResult"] = "FAILED" if result.get("error") else "OK"
    if result.get("error"):
        _pause(str(mapping["UUID"]))
    lambda_svc.logger.info(
        "%s: %d of %d messages of %s done",
        mapping["FunctionName"],
        len(done),
        len(batch),
        queue_name,
    )


def _pause(mapping_id: str) -> None:
    """Delay the next batch of a function that raised, as Lambda's pollers back off."""
    pause = lambda_svc._ESM_BACKOFF_SECONDS
    lambda_svc._esm_backoff_until[mapping_id] = time.time() + pause
