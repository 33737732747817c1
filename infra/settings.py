"""Settings that several functions share; a test holds them equal to their Settings classes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from couponbus_config.account_ids import NamedAccount
from couponbus_config.accounts import KouponAccount, UniqodoAccount
from infra.constructs.account_secret import AccountSecret
from infra.declared import QueueName, Setting, StageResources

type Settings = dict[str, str]
type Polled = Sequence[UniqodoAccount | KouponAccount]
type Secrets = Mapping[str, AccountSecret]

HOUR = 3600


def ledger(given: StageResources) -> Settings:
    """Return the name of the table, and in the local stage the file of the moved clock."""
    stage = given.stage
    moved = {"CLOCK_FILE": stage.clock_file} if stage.clock_file else {}
    return {"STAGE": stage.name, "TABLE_NAME": given.ledger.table.table_name, **moved}


def issuance_days(given: StageResources) -> Settings:
    """Return for how many days decided issuances are kept, nothing where that is for ever."""
    days = given.stage.issuance_days
    return {} if days is None else {"ISSUANCE_DAYS": str(days)}


def bus(given: StageResources) -> Settings:
    """Return the name of the bus."""
    return {"BUS_NAME": given.bus.event_bus_name}


def pepper_id(given: StageResources) -> Settings:
    """Return the ARN of the secret that keys the pseudonyms."""
    return {"PEPPER_SECRET_ID": given.state.pepper.secret_arn}


def queue_urls(*queues: QueueName) -> Setting:
    """Give the URL of each as `SIGNUPS_QUEUE_URL`."""
    return lambda given: {
        f"{queue.upper()}_QUEUE_URL": given.queues[queue].queue_url for queue in queues
    }


def seconds(*names: str) -> Setting:
    """Give fields of the stage's timing, each as `SETTLE_SECONDS`."""
    return lambda given: {
        f"{name.upper()}_SECONDS": str(getattr(given.stage.timing, name)) for name in names
    }


def coniq_accounts(given: StageResources) -> Settings:
    """Return the Coniq accounts as JSON, with the names of their keys, never the keys."""
    secrets = given.state.account_secrets
    accounts = [
        _described(account) | {"secret_id": secrets[account.identity].plain_name}
        for account in given.stage.accounts
    ]
    return {"CONIQ_ACCOUNTS": json.dumps(accounts)}


def polled_accounts(given: StageResources) -> Settings:
    """Return the polled accounts as JSON."""
    stage, state = given.stage, given.state
    return {
        "UNIQODO_ACCOUNTS": _polled(stage.uniqodo_accounts, state.uniqodo_secrets),
        "KOUPON_ACCOUNTS": _polled(stage.koupon_accounts, state.koupon_secrets),
    }


def _polled(accounts: Polled, secrets: Secrets) -> str:
    described = []
    for account in accounts:
        settings = _described(account) | {"secret_id": secrets[account.identity].plain_name}
        settings.pop("callbacks", None)  # only `receive_callback` needs them
        del settings["max_interval_hours"], settings["watched_customers"]
        described.append(settings | {"max_interval_seconds": account.max_interval_hours * HOUR})
    return json.dumps(described)


def _described(account: NamedAccount) -> dict[str, object]:
    """Return the account's settings, with its id as the name."""
    described = asdict(account) | {"name": account.identity}
    del described["id"]
    return described
