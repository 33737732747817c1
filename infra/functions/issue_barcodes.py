"""Process sign-ups: request barcodes at Coniq, and start watches of redemptions."""

import json
from collections.abc import Mapping
from dataclasses import fields

from infra.config import Timing
from infra.declared import BROKEN_ROWS, Batching, Function, QueueTrigger, StageResources, counts
from infra.permissions import coniq_keys, consume, pepper, read_secrets, send, use_ledger
from infra.settings import coniq_accounts, ledger, pepper_id, queue_urls, seconds


def _tenants(given: StageResources) -> Mapping[str, str]:
    rules = {each.source: each.tenants for each in given.stage.sign_up_tenants}
    return {"SIGN_UP_TENANTS": json.dumps(rules)}


FUNCTION = Function(
    name="issue_barcodes",
    memory_mb=1024,
    timeout_seconds=60,
    triggers=(
        QueueTrigger(
            queue="signups",
            batching=lambda stage: Batching(
                size=stage.batch_size,
                window_seconds=stage.window_seconds,
                concurrency=stage.concurrency,
            ),
        ),
    ),
    settings=(
        ledger,
        coniq_accounts,
        queue_urls("quarantine", "unidentified", "polls"),
        pepper_id,
        _tenants,
        seconds(*(each.name for each in fields(Timing))),
    ),
    permissions=(
        *use_ledger("issue_barcodes"),
        read_secrets(coniq_keys, pepper),
        consume("signups"),
        send("polls", "quarantine", "unidentified"),
    ),
    alarms=counts(
        BrokenRows=BROKEN_ROWS,
        Ambiguous="Look-ups cannot settle which barcode was issued: couponbus resolve",
        Unauthorised="Coniq refuses our key: put a valid one into the secret",
        Braked="POSTs of a Coniq account are stopped: couponbus status, then account resume",
        Anomalies="Coniq answers with barcodes other than requested: couponbus probe",
        ContractBroken="Coniq answers what its contract does not allow",
        Unmatched=(
            "No program matches a sign-up: correct the program, then couponbus programs rematch"
        ),
        Misconfigured="A program names an account that is not deployed",
    ),
)
