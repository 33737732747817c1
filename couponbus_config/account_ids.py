"""Names and ids of accounts at providers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.validated import validated

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAccount:
    """`id` is in rows, events, secrets and programs, and never changes; `name` is for people.

    Without an `id` the first name is the id: keep it as `id` when the name changes.
    """

    name: str
    """How people call it; the id as well, where there is no other one."""
    id: str | None = None
    """Under this everything is stored: it never changes."""

    @property
    def identity(self) -> str:
        """The id under which everything is stored."""
        return self.name if self.id is None else self.id


def check_account_ids(provider: str, accounts: Sequence[NamedAccount], *, at: str) -> None:
    """Raise ConfigurationError for an invalid or repeated id, or the id of another as a name."""
    seen: set[str] = set()
    in_small_letters: dict[str, str] = {}
    for place, account in enumerate(accounts):
        here = (at, place, "name" if account.id is None else "id")
        if not _ID.fullmatch(account.identity):
            raise ConfigurationError(
                f"the id {account.identity!r} of a {provider} account has other characters than"
                " letters, digits, hyphens and underscores, or more than 64",
                at=here,
            )
        if account.identity in seen:
            raise ConfigurationError(
                f"two {provider} accounts have the id {account.identity}", at=here
            )
        other = in_small_letters.setdefault(account.identity.lower(), account.identity)
        if other != account.identity:
            raise ConfigurationError(
                f"the ids {other} and {account.identity} of two {provider} accounts differ in"
                " capitals only, and their resources would have one name: give one another id",
                at=here,
            )
        seen.add(account.identity)
    for place, account in enumerate(accounts):
        if account.name != account.identity and account.name in seen:
            raise ConfigurationError(
                f"the {provider} account {account.identity} has the name {account.name}, which is"
                " the id of another one: programs would mean that one",
                at=(at, place, "name"),
            )
