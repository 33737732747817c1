"""How a watch is identified, and where the ledger keeps it."""

from couponbus.domain.identity import digest
from couponbus.domain.provider import Provider


def watch_key(watch_id: str) -> str:
    """Return where the ledger keeps a watch."""
    return f"WATCH#{watch_id}"


def watch_id_of(*, provider: Provider, account: str, promotion: str | None, user_ref: str) -> str:
    """Identify a watch by what is polled, so that all programs find the same one.

    `user_ref` is a keyed pseudonym of tenant, provider and user: events contain the id of a watch,
    and a reader must not be able to find the customer by trying names. The filter of a list is no
    part of it: two watches whose lists share an offer would record its redemptions twice.
    """
    return digest("watch", provider, account, promotion or "", user_ref)
