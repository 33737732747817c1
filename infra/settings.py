"""The environment of each function; a test holds it equal to the function's own Settings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from aws_cdk import aws_secretsmanager as secretsmanager

from infra.account_ids import NamedAccount
from infra.config import KouponAccount, StageConfig, Timing, UniqodoAccount
from infra.stacks.messaging import Messaging
from infra.stacks.state import State

type Settings = dict[str, str]
type Polled = Sequence[UniqodoAccount | KouponAccount]
type Secrets = Mapping[str, secretsmanager.Secret]

HOUR = 3600


def issue_barcodes(stage: StageConfig, state: State, messaging: Messaging) -> Settings:
    """Return everything about the ledger, the accounts and the timing chain."""
    return {
        **_ledger(stage, state),
        **_accounts(stage, state),
        "QUARANTINE_QUEUE_URL": messaging.quarantine.queue_url,
        "POLLS_QUEUE_URL": messaging.polls.queue_url,
        "PEPPER_SECRET_ID": state.pepper.secret_arn,
        "SIGN_UP_TENANTS": json.dumps(
            {each.source: each.tenants for each in stage.sign_up_tenants}
        ),
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
        "POLLS_QUEUE_URL": messaging.polls.queue_url,
        "REDELIVERIES_QUEUE_URL": messaging.redeliveries.queue_url,
        **_accounts(stage, state),
        **_seconds(stage.timing, "handover"),
    }


def audit_barcodes(stage: StageConfig, state: State) -> Settings:
    """Return the accounts to compare the ledger with."""
    return {
        **_ledger(stage, state),
        **_accounts(stage, state),
        **_seconds(stage.timing, "settle"),
    }


def schedule_polls(stage: StageConfig, state: State, messaging: Messaging) -> Settings:
    """Return the accounts that pay for polls, and where polls go."""
    return {
        **_ledger(stage, state),
        **_polled_accounts(stage, state),
        "POLLS_QUEUE_URL": messaging.polls.queue_url,
        **_seconds(stage.timing, "publish_grace"),
    }


def poll_redemptions(stage: StageConfig, state: State, messaging: Messaging) -> Settings:
    """Return the accounts to ask, and what names and puts aside."""
    return {
        **_ledger(stage, state),
        **_polled_accounts(stage, state),
        "QUARANTINE_QUEUE_URL": messaging.quarantine.queue_url,
        "PEPPER_SECRET_ID": state.pepper.secret_arn,
        **_seconds(stage.timing, "publish_grace", "handover"),
    }


def receive_callback(stage: StageConfig, state: State, messaging: Messaging) -> Settings:
    """Return who may call, and where that goes."""
    callbacks = [
        {
            "name": account.identity,
            "secret_id": state.callback_secrets[account.identity].secret_arn,
            **asdict(account.callbacks),
        }
        for account in stage.uniqodo_accounts
    ]
    return {
        **_ledger(stage, state),
        "SIGNUPS_QUEUE_URL": messaging.signups.queue_url,
        "POLLS_QUEUE_URL": messaging.polls.queue_url,
        "PEPPER_SECRET_ID": state.pepper.secret_arn,
        "SIGN_UPS_SECRET_ID": state.sign_ups_secret.secret_arn,
        "UNIQODO_CALLBACKS": json.dumps(callbacks),
    }


def fan_out_webhooks(stage: StageConfig, state: State, messaging: Messaging) -> Settings:
    """Return where first attempts are hinted at, and when the sweeper makes up for a lost hint."""
    return {
        **_ledger(stage, state),
        "DELIVERIES_QUEUE_URL": messaging.deliveries.queue_url,
        "QUARANTINE_QUEUE_URL": messaging.quarantine.queue_url,
        **_seconds(stage.timing, "handover"),
    }


def deliver_webhooks(stage: StageConfig, state: State, messaging: Messaging) -> Settings:
    """Return where the signing secrets are."""
    return {
        **_ledger(stage, state),
        "QUARANTINE_QUEUE_URL": messaging.quarantine.queue_url,
        "WEBHOOKS_SECRET_ID": state.webhooks_secret.secret_arn,
        **_seconds(stage.timing, "publish_grace"),
    }


def _ledger(stage: StageConfig, state: State) -> Settings:
    moved = {"CLOCK_FILE": stage.clock_file} if stage.clock_file else {}
    return {"STAGE": stage.name, "TABLE_NAME": state.table.table_name, **moved}


def _accounts(stage: StageConfig, state: State) -> Settings:
    """Return the accounts as JSON: where their keys are kept, never the keys."""
    accounts = [
        _described(account) | {"secret_id": state.account_secrets[account.identity].secret_arn}
        for account in stage.accounts
    ]
    return {"CONIQ_ACCOUNTS": json.dumps(accounts)}


def _polled_accounts(stage: StageConfig, state: State) -> Settings:
    return {
        "UNIQODO_ACCOUNTS": _polled(stage.uniqodo_accounts, state.uniqodo_secrets),
        "KOUPON_ACCOUNTS": _polled(stage.koupon_accounts, state.koupon_secrets),
    }


def _polled(accounts: Polled, secrets: Secrets) -> str:
    described = []
    for account in accounts:
        settings = _described(account) | {"secret_id": secrets[account.identity].secret_arn}
        settings.pop("callbacks", None)  # for the function that is called, not for those that ask
        del settings["max_interval_hours"]
        described.append(settings | {"max_interval_seconds": account.max_interval_hours * HOUR})
    return json.dumps(described)


def _described(account: NamedAccount) -> dict[str, object]:
    """Return its settings under the name by which the functions know it: its id."""
    described = asdict(account) | {"name": account.identity}
    del described["id"]
    return described


def _seconds(timing: Timing, *names: str) -> Settings:
    return {f"{name.upper()}_SECONDS": str(getattr(timing, name)) for name in names}
