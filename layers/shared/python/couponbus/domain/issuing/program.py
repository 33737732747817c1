"""A program: which sign-ups it matches, which offer they get, and which gates apply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from couponbus.domain.errors import RowsBroken
from couponbus.domain.issuing.barcode import Channel
from couponbus.domain.polling.poll_policy import WatchRule

OCCURRENCE = "signup"


class Refusal(StrEnum):
    """Why a gate, or the search for the customer, refused; sent as `reason` to subscribers."""

    CONSENT_MISSING = "consent_missing"
    AGE_UNKNOWN = "age_unknown"
    UNDER_AGE = "under_age"
    PROGRAM_NOT_STARTED = "program_not_started"
    PROGRAM_ENDED = "program_ended"
    PROGRAM_REMOVED = "program_removed"
    IDENTITY_MISSING = "identity_missing"
    CUSTOMER_UNKNOWN = "customer_unknown"
    SEVERAL_CUSTOMERS = "several_customers"
    LOOKUPS_UNREADABLE = "lookups_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Frozen configuration; `pattern` is an EventBridge pattern over the whole event.

    A program that only watches has neither account nor offer nor channel: it issues nothing.
    """

    name: str
    pattern: Mapping[str, object]
    account: str | None
    offer_id: int | None
    channel: Channel | None
    tracking_prefix: str
    required_consents: tuple[str, ...]
    minimum_age: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    precheck_existing: bool
    occurrence: str = OCCURRENCE
    watches: tuple[WatchRule, ...] = ()

    @property
    def issues(self) -> bool:
        """Whether sign-ups get a barcode."""
        return self.offer_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramsInForce:
    """The programs in force; `unreadable` names those that this version cannot read."""

    readable: Sequence[Program] = ()
    unreadable: frozenset[str] = frozenset()

    def named(self, name: str) -> Program | None:
        """Return the program of this name, None where there is none.

        Raises RowsBroken for one that cannot be read: it is not absent.
        """
        if name in self.unreadable:
            raise RowsBroken([program_key(name)])
        return next((program for program in self.readable if program.name == name), None)


def program_key(name: str) -> str:
    """Return the key that names a program among the keys of rows."""
    return f"PROGRAM#{name}"


def denied(
    program: Program, *, consents: tuple[str, ...], age: int | None, now: datetime
) -> Refusal | None:
    """Return why this customer gets nothing from this program now; an unknown age is a denial."""
    if program.valid_from is not None and now < program.valid_from:
        return Refusal.PROGRAM_NOT_STARTED
    if program.valid_until is not None and now >= program.valid_until:
        return Refusal.PROGRAM_ENDED
    if not set(program.required_consents) <= set(consents):
        return Refusal.CONSENT_MISSING
    if program.minimum_age is None:
        return None
    if age is None:
        return Refusal.AGE_UNKNOWN
    return Refusal.UNDER_AGE if age < program.minimum_age else None
