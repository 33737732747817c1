"""Names and ids of accounts at providers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from infra.configuration_error import ConfigurationError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAccount:
    """`id` is in rows, events, secrets and programs, and never changes; `name` is for people.

    Without an `id` the first name is the id: keep it as `id` when the name changes.
    """

    name: str
    id: str | None = None

    @property
    def identity(self) -> str:
        """The id under which everything is stored."""
        return self.name if self.id is None else self.id


def check_account_ids(provider: str, accounts: Sequence[NamedAccount]) -> None:
    """Raise ConfigurationError for an invalid or repeated id, or the id of another as a name."""
    for account in accounts:
        if not _ID.fullmatch(account.identity):
            raise ConfigurationError(
                f"the id {account.identity!r} of a {provider} account has other characters than"
                " letters, digits, hyphens and underscores, or more than 64"
            )
    numbers = Counter(account.identity for account in accounts)
    if twice := [each for each, number in numbers.items() if number > 1]:
        raise ConfigurationError(f"two {provider} accounts have the id {', '.join(twice)}")
    for account in accounts:
        if account.name != account.identity and account.name in numbers:
            raise ConfigurationError(
                f"the {provider} account {account.identity} has the name {account.name}, which is"
                " the id of another one: programs would mean that one"
            )
