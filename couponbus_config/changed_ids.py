"""Accounts whose id changed between two versions of a file."""

from collections.abc import Iterator, Mapping, Sequence

from couponbus_config.account_ids import NamedAccount
from couponbus_config.installation import Installation
from couponbus_config.stage import StageConfig


def changed_ids(before: Installation, after: Installation) -> Iterator[str]:
    """Yield a sentence for each account that kept its name, and lost its id."""
    stages = {stage.name: stage for stage in after.stages}
    for stage in before.stages:
        if stage.name in stages:
            yield from _of_stage(stage, stages[stage.name])


def _of_stage(before: StageConfig, after: StageConfig) -> Iterator[str]:
    now = _accounts(after)
    for provider, accounts in _accounts(before).items():
        ids = {each.identity for each in now[provider]}
        by_name = {each.name: each for each in now[provider]}
        for account in accounts:
            other = by_name.get(account.name)
            if account.identity in ids or other is None:
                continue
            yield (
                f"stage {after.name}: the {provider} account {account.name} had the id"
                f" {account.identity} and has {other.identity} now. What was issued and watched is"
                f" stored under {account.identity}: give it id: {account.identity} again"
            )


def _accounts(stage: StageConfig) -> Mapping[str, Sequence[NamedAccount]]:
    return {
        "Coniq": stage.accounts,
        "Uniqodo": stage.uniqodo_accounts,
        "Koupon": stage.koupon_accounts,
        "producer": stage.producers,
    }
