"""Process sign-ups: request barcodes at Coniq, and start watches of redemptions."""

import json
from collections.abc import Mapping
from dataclasses import fields

from couponbus_config.timing import Timing
from infra.alarm import Compare, Level, Rule, hindered
from infra.declared import BROKEN_ROWS, Batching, Function, QueueTrigger, StageResources, counts
from infra.permissions import (
    coniq_keys,
    consume,
    pepper,
    publish,
    read_secrets,
    send,
    use_ledger,
)
from infra.settings import (
    bus,
    coniq_accounts,
    issuance_days,
    ledger,
    pepper_id,
    queue_urls,
    seconds,
)


def _tenants(given: StageResources) -> Mapping[str, str]:
    rules = {each.source: each.tenants for each in given.stage.sign_up_tenants}
    return {"SIGN_UP_TENANTS": json.dumps(rules)}


LEVELS = (
    Level(
        metric="LongestWaitSeconds",
        word="waiting",
        why="A customer has waited for a barcode for more than 15 minutes",
        runbook="waiting",
        # What waits is tried again within 15 minutes, and only then says for how long.
        rule=Rule(statistic="Maximum", limit=15 * 60, periods=4),
    ),
    hindered(
        metric="BreakerOpen",
        why="The breaker of a Coniq account has been open for 10 minutes: Coniq does not answer",
        runbook="breaker-open",
    ),
    Level(
        metric="UnmatchedShare",
        word="UnmatchedShare",
        why="No program has matched any sign-up for 15 minutes",
        runbook="unmatched",
        rule=Rule(statistic="Minimum", limit=100, compare=Compare.AT_LEAST, periods=3, breaching=3),
    ),
    Level(
        metric="RefusedShare",
        word="RefusedShare",
        why="Most barcodes have been refused for 15 minutes: couponbus why names the reason",
        runbook="refused-share",
        rule=Rule(statistic="Average", limit=50, periods=3, breaching=3),
    ),
)

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
        issuance_days,
        bus,
        queue_urls("quarantine", "unidentified", "polls", "notifications"),
        pepper_id,
        seconds(*(each.name for each in fields(Timing))),
    ),
    filed=(coniq_accounts, _tenants),
    permissions=(
        *use_ledger("issue_barcodes"),
        read_secrets(coniq_keys, pepper),
        consume("signups"),
        send("polls", "quarantine", "unidentified", "notifications"),
        publish,
    ),
    # It calls Coniq until its time is used up.
    slow_from=None,
    alarms=(
        *counts(
            BrokenRows=BROKEN_ROWS,
            Unauthorised="Coniq refuses our key: put a valid one into the secret",
            Anomalies="Coniq answers with barcodes other than requested: couponbus probe",
            ContractBroken="Coniq answers what its contract does not allow",
            Unmatched=(
                "No program matches a sign-up: correct the program, then couponbus programs rematch"
            ),
            Misconfigured="A program names an account that is not deployed",
        ),
        *LEVELS,
    ),
)
