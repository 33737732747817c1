"""Warns at the synthesis of a call budget that cannot carry what it is to poll."""

from collections.abc import Iterator

from couponbus_config.accounts import KouponAccount, UniqodoAccount
from couponbus_config.stage import StageConfig

# As `couponbus/domain/polling/budget.py` has them; a test compares the results.
PLANNED, RESERVED = 0.85, 0.1
POLLS_PER_REST = 2
DAY = 86_400

type Polled = UniqodoAccount | KouponAccount


def carries(account: Polled) -> int:
    """Of how many watches none needs to wait for longer than `max_interval_hours`."""
    rate = account.calls_per_second * PLANNED
    calls = account.calls_per_day
    if calls is not None:
        reserved = max(int(calls * RESERVED), 1) if calls > 1 else 0
        rate = min(rate, min(calls * PLANNED, calls - reserved) / DAY)
    return int(rate * account.max_interval_hours * 3600 / POLLS_PER_REST)


def warnings(stage: StageConfig) -> Iterator[str]:
    """Yield a sentence for each account whose budget does not carry its `watched_customers`.

    Without that number one watch must be carried.
    """
    accounts: tuple[Polled, ...] = (*stage.uniqodo_accounts, *stage.koupon_accounts)
    for account in accounts:
        least = 1 if account.watched_customers is None else account.watched_customers
        if carries(account) < least:
            provider = type(account).__name__.removesuffix("Account")
            yield (
                f"{provider} account {account.name}: its call budget carries"
                f" {carries(account):,} watches at a rest of {account.max_interval_hours:g} h, and"
                f" {least:,} are to be watched: raise calls_per_day, calls_per_second or"
                " max_interval_hours"
            )
