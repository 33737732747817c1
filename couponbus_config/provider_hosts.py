"""Which hosts of providers a stage may call."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from couponbus_config.accounts import ConiqAccount, KouponAccount, UniqodoAccount
from couponbus_config.configuration_error import ConfigurationError, Path
from couponbus_config.https import is_https

# docs/providers.md; of Uniqodo no test system is known, so its host is the same everywhere.
PRODUCTION = frozenset({"api.coniq.com", "api.r02.coniq.com", "consumer.kouponmedia.com"})

type Account = ConiqAccount | UniqodoAccount | KouponAccount
type Placed = tuple[Path, Account]


def placed(at: str, accounts: Iterable[Account]) -> Iterator[Placed]:
    """Yield each account with the path of its URL."""
    for place, account in enumerate(accounts):
        yield (at, place, "base_url"), account


def check_https(accounts: Iterable[Placed]) -> None:
    """Raise ConfigurationError for a URL that is not an https one of a host."""
    for at, account in accounts:
        if not is_https(account.base_url) or urlsplit(account.base_url).query:
            raise ConfigurationError(
                f"{account.base_url!r} is no URL of a provider: use https:// and a host name", at=at
            )


def check_no_production(accounts: Iterable[Placed], *, stage: str) -> None:
    """Raise ConfigurationError for the production of a provider in a stage for tests."""
    for at, account in accounts:
        if urlsplit(account.base_url).hostname in PRODUCTION:
            raise ConfigurationError(
                f"{account.base_url} issues real barcodes or reads real customers, and stage"
                f" {stage} is not for production: use the provider's test system, or say"
                " production: true",
                at=at,
            )
