"""Compare the ledger with the provider every night, and report differences."""

from couponbus_config.stage import StageConfig
from infra.alarm import Level, silent
from infra.declared import BROKEN_ROWS, Function, ScheduleTrigger, counts
from infra.permissions import coniq_keys, read_secrets, scan_ledger, send, use_ledger
from infra.settings import coniq_accounts, issuance_days, ledger, seconds


def _nightly(stage: StageConfig) -> str:
    hour, minute = stage.audit_at.split(":")
    return f"cron({int(minute)} {int(hour)} * * ? *)"


FUNCTION = Function(
    name="audit_barcodes",
    memory_mb=1024,
    timeout_seconds=15 * 60,
    triggers=(ScheduleTrigger(expression=_nightly, max_age_seconds=60 * 60),),
    settings=(ledger, issuance_days, seconds("settle")),
    filed=(coniq_accounts,),
    permissions=(
        *use_ledger("audit_barcodes"),
        scan_ledger,
        read_secrets(coniq_keys),
        send("undelivered"),
    ),
    # It compares until its time is used up.
    slow_from=None,
    alarms=(
        *counts(
            BrokenRows=BROKEN_ROWS,
            Failed="The ledger did not answer the audit, which goes on the next night",
            Unauthorised="Coniq refuses our key at the audit: put a valid one into the secret",
            ContractBroken="Coniq answers the audit what its contract does not allow",
            DuplicatesFound="A customer has two barcodes for one sign-up",
            MissingFound="Coniq does not show a barcode that was published",
            RefusedFound="A customer was refused but has a barcode",
        ),
        Level(
            metric="Audited",
            word="missing",
            why="No audit ended for 26 hours: nothing compares the ledger with Coniq",
            runbook="audit-missing",
            rule=silent(minutes=60, periods=26),
        ),
    ),
)
