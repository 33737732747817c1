"""The environment of each function; a test holds it equal to the function's own Settings."""

import json
from dataclasses import asdict

from infra.config import StageConfig, Timing
from infra.stacks.messaging import Messaging
from infra.stacks.state import State

type Settings = dict[str, str]


def issue_barcodes(stage: StageConfig, state: State, messaging: Messaging) -> Settings:
    """Return everything about the ledger, the accounts and the timing chain."""
    return {
        **_ledger(stage, state),
        **_accounts(stage, state),
        "QUARANTINE_QUEUE_URL": messaging.quarantine.queue_url,
        "PEPPER_SECRET_ID": state.pepper.secret_arn,
        **_seconds(stage.timing, *asdict(stage.timing)),
    }


def publish_events(stage: StageConfig, state: State, messaging: Messaging) -> Settings:
    """Return the ledger and the bus."""
    return {**_ledger(stage, state), "BUS_NAME": messaging.bus.event_bus_name}


def sweep_due(stage: StageConfig, state: State, messaging: Messaging) -> Settings:
    """Return where due rows go."""
    return {
        **_ledger(stage, state),
        "BUS_NAME": messaging.bus.event_bus_name,
        "SIGNUPS_QUEUE_URL": messaging.signups.queue_url,
        **_seconds(stage.timing, "handover"),
    }


def audit_barcodes(stage: StageConfig, state: State) -> Settings:
    """Return the accounts to compare the ledger with."""
    return {
        **_ledger(stage, state),
        **_accounts(stage, state),
        **_seconds(stage.timing, "settle"),
    }


def _ledger(stage: StageConfig, state: State) -> Settings:
    return {"STAGE": stage.name, "TABLE_NAME": state.table.table_name}


def _accounts(stage: StageConfig, state: State) -> Settings:
    """Return the accounts as JSON: where their keys are kept, never the keys."""
    accounts = [
        asdict(account) | {"secret_id": state.account_secrets[account.name].secret_arn}
        for account in stage.accounts
    ]
    return {"CONIQ_ACCOUNTS": json.dumps(accounts)}


def _seconds(timing: Timing, *names: str) -> Settings:
    return {f"{name.upper()}_SECONDS": str(getattr(timing, name)) for name in names}
