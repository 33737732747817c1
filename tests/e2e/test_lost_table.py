"""The runbook of a deleted table, rehearsed: it comes back under its name, and into its stack.

The engine makes no backup of a table that is deleted, and the mapping of a new stream is made by
the next deployment: a backup by hand and a call of the test stand for them.
"""

import json
from typing import TYPE_CHECKING, Any, cast

from couponbus.usecases.issuing.last_restore import MARK_FRESH_FOR
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Product, any_customer, sign_up
from tests.e2e.test_operating import findings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SET = ("BatchSize", "ParallelizationFactor", "MaximumRetryAttempts", "FilterCriteria")
SET_TOO = ("BisectBatchOnFunctionError", "DestinationConfig", "FunctionResponseTypes")


def back_up(product: Product) -> str:
    made = product.stack.access.dynamodb().create_backup(
        TableName=product.stack.table, BackupName="as-it-was"
    )
    return made["BackupDetails"]["BackupArn"]


def stream_of(product: Product) -> str:
    table = product.stack.access.dynamodb().describe_table(TableName=product.stack.table)["Table"]
    return table["LatestStreamArn"]


def deploy_mapping(product: Product) -> None:
    """Replace the mapping of the stream as a deployment does, and leave it to be started."""
    client, name = product.stack.access.functions(), product.stack.functions["publish_events"]
    [old] = client.list_event_source_mappings(FunctionName=f"{name}:live")["EventSourceMappings"]
    settings = cast("Mapping[str, Any]", old)
    client.create_event_source_mapping(
        FunctionName=f"{name}:live",
        EventSourceArn=stream_of(product),
        StartingPosition="TRIM_HORIZON",
        **{each: settings[each] for each in (*SET, *SET_TOO) if each in settings},
    )
    client.delete_event_source_mapping(UUID=old["UUID"])


def test_a_deleted_table_comes_back_under_its_name_and_no_barcode_is_issued_twice(
    product: Product,
) -> None:
    before, meanwhile = any_customer(), any_customer()
    product.put_events(sign_up(before))
    product.until_received("BarcodeIssued", before.signup_id)
    backup = back_up(product)
    product.stack.access.dynamodb().delete_table(TableName=product.stack.table)

    lost = product.couponbus("doctor", "--json")
    restored = restoring(product, "table", "--backup", backup, "--unprotected", "--idle")
    product.put_events(sign_up(meanwhile))  # waits in its queue
    restoring(product, "copy", "--from", product.stack.table, "--over", "--yes")
    imported = restoring(product, "import")
    unread = product.couponbus("doctor", "--json")
    deploy_mapping(product)
    product.stack.move_clock(seconds=MARK_FRESH_FOR.total_seconds())
    restoring(product, "start")
    product.put_events(sign_up(before))  # sent by the producer once more
    product.until_received("BarcodeIssued", meanwhile.signup_id)
    until(lambda: product.waiting("signups") == 0)
    restoring(product, "done", "--yes")
    # Workers that have read the mark look each sign-up up first, also those of other tests.
    product.stack.move_clock(seconds=MARK_FRESH_FOR.total_seconds())
    well = product.couponbus("doctor", "--json")

    assert restored["set"] == ["stream", "TTL", "recovery"]
    assert imported["stack"] == "couponbus-local-ledger"
    assert [len(product.numbers(each)) for each in (before, meanwhile)] == [1, 1]
    verdicts = [findings_of(each.stdout)["table"]["verdict"] for each in (lost, unread, well)]
    assert verdicts == ["problem", "problem", "ok"], unread.stdout
    in_stack = product.stack.access.cloudformation().describe_stack_resources(
        StackName="couponbus-local-ledger"
    )["StackResources"]
    assert product.stack.table in {each.get("PhysicalResourceId") for each in in_stack}


def restoring(product: Product, *arguments: str) -> dict[str, Any]:
    """Do a step of the restore, which must succeed, and return its answer."""
    ended = product.couponbus("restore", *arguments, "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return cast("dict[str, Any]", json.loads(ended.stdout))
