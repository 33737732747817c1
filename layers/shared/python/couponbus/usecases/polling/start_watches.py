"""Makes the watches of a sign-up, as its program has them, and stores them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched

from couponbus.domain.copying import fresh
from couponbus.domain.errors import QueueUnavailable
from couponbus.domain.polling.poll_policy import Customers, WatchRule
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_id_of
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from couponbus.domain.timing import Timing
from couponbus.events.commands import KEYS_PER_COMMAND, ContinueWork
from couponbus.ports.shared import Clock, Commands, Conflict, Pseudonyms
from couponbus.usecases.causes import CHANGED_MEANWHILE, UNSTORABLE, Cause
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.store import Store

SIGN_UP_AGE_MAX = timedelta(days=14)  # no queue keeps one for longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The customer who is to be watched, and the sign-up or the command that asks for it."""

    tenant: str
    program: str
    signup_id: str
    customer_ref: str
    uniqodo_user: str | None = field(repr=False)
    koupon_consumer: str | None = field(repr=False)
    backfilled: bool = False
    signed_up_at: datetime | None = None
    trace_id: str | None = None

    def at(self, provider: Provider) -> str | None:
        """Return the customer's name at a provider, None when it was not given."""
        return self.uniqodo_user if provider is Provider.UNIQODO else self.koupon_consumer


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunWatches:
    """The watches that began; `unstored` has the keys of those that may be missing now.

    Some of these are `broken`; the others can be stored later. `doubles` has each new watch that
    exists already, with the stored one.
    """

    watches: Sequence[Watch]
    broken: frozenset[str] = frozenset()
    unstored: frozenset[str] = frozenset()
    doubles: Sequence[tuple[Watch, Watch]] = ()

    def plus(self, later: "BegunWatches") -> "BegunWatches":
        """Return what both began."""
        return BegunWatches(
            watches=[*self.watches, *later.watches],
            broken=self.broken | later.broken,
            unstored=self.unstored | later.unstored,
            doubles=[*self.doubles, *later.doubles],
        )

    def why_unstored(self, watches: Iterable[Watch]) -> Cause:
        """Return why some of these may be missing."""
        is_broken = any(watch.key in self.broken for watch in watches)
        return UNSTORABLE if is_broken else CHANGED_MEANWHILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Stores watches with their first poll due, so that no failure afterwards can lose it."""

    store: Store
    pseudonyms: Pseudonyms
    clock: Clock
    timing: Timing

    def watches_for(self, who: Watched, rules: Sequence[WatchRule]) -> list[Watch]:
        """Return a watch for each of the rules whose provider has a name for the customer.

        Raises SecretUnavailable.
        """
        found = (self._watch(who, rule) for rule in rules)
        return list({watch.key: watch for watch in found if watch is not None}.values())

    def begin(self, watches: Sequence[Watch]) -> BegunWatches:
        """Store the watches that do not exist yet, and return those.

        Another sign-up prolongs an existing one, also one of the same batch, and starts one that
        has ended again. Raises LedgerUnavailable: then any may be missing.
        """
        first = {watch.key: watch for watch in reversed(watches)}
        later = [watch for watch in watches if watch is not first[watch.key]]
        begun = self._begin([*reversed(first.values())])
        return begun.plus(self.begin(later)) if later else begun

    def _begin(self, watches: Sequence[Watch]) -> BegunWatches:
        now = self.clock.now()
        due_at = self.timing.publish_by(now)
        first = self.store.write([watch.put_off(until=due_at) for watch in watches])
        doubles = list(_doubles(first.conflicts))
        others = [(new, stored) for new, stored in doubles if new.signup_id != stored.signup_id]
        ended = (stored for _, stored in others if stored.state is WatchState.ENDED)
        unpublished = {
            stored.key for stored in ended if stored.unpublished
        }  # publish their end first
        again = [
            stored.restarted(by=attempted, now=now).put_off(until=due_at)
            for attempted, stored in others
            if stored.may_restart
        ]
        second = self.store.write(again)
        longer = self.store.write(
            [
                stored.prolonged(by=attempted, now=now, due_at=due_at)
                for attempted, stored in doubles
                if stored.is_prolonged_by(attempted)
            ]
        )
        changed = {each.attempted.key for each in (*second.conflicts, *longer.conflicts)}
        broken = first.broken | second.broken | longer.broken
        written = (*first.written, *second.written)
        return BegunWatches(
            watches=[row for row in written if isinstance(row, Watch)],
            broken=broken,
            unstored=broken | unpublished | changed,
            doubles=doubles,
        )

    def _watch(self, who: Watched, rule: WatchRule) -> Watch | None:
        user_id = who.at(rule.provider)
        if user_id is None:
            return None
        now = self.clock.now()
        watch_id = watch_id_for(
            pseudonyms=self.pseudonyms,
            tenant=who.tenant,
            provider=rule.provider,
            account=rule.account,
            promotion=rule.promotion,
            user_id=user_id,
        )
        return fresh(
            Watch,
            watch_id=watch_id,
            tenant=who.tenant,
            provider=rule.provider,
            account=rule.account,
            promotion=rule.promotion,
            user_id=user_id,
            customer_ref=who.customer_ref,
            program=who.program,
            signup_id=who.signup_id,
            poll_policy=rule.poll_policy,
            grace_seconds=rule.grace_seconds,
            used_up_grace_seconds=rule.used_up_grace_seconds,
            warn_days=rule.warn_days,
            list_filter=rule.list_filter,
            customers=_customers(who, rule),
            started_at=now,
            ends_at=now + timedelta(seconds=rule.poll_policy.horizon_seconds),
            backfilled=who.backfilled,
            signed_up_at=_sign_up_time(who, now=now),
            trace_id=self._trace_id(who),
        )

    def _trace_id(self, who: Watched) -> str:
        """Return that of its sign-up; a command, and an issuance of an older version, have none."""
        return who.trace_id or self.pseudonyms.trace_id(tenant=who.tenant, signup_id=who.signup_id)


def watch_id_for(
    *,
    pseudonyms: Pseudonyms,
    tenant: str,
    provider: Provider,
    account: str,
    promotion: str | None,
    user_id: str,
) -> str:
    """Return the id of the watch on a customer of a tenant. Raises SecretUnavailable."""
    return watch_id_of(
        provider=provider,
        account=account,
        promotion=promotion,
        user_ref=pseudonyms.of(tenant=tenant, customer=f"{provider}:{user_id}"),
    )


def _customers(who: Watched, rule: WatchRule) -> Customers:
    """Return what is known of the customer; no sign-up made one of a command."""
    return Customers.ANY if who.backfilled else rule.customers


def _sign_up_time(who: Watched, *, now: datetime) -> datetime | None:
    """Return when the customer signed up; of an older one that is imported, little is news."""
    if who.signed_up_at is None:
        return None
    return max(min(who.signed_up_at, now), now - SIGN_UP_AGE_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialPolls:
    """Has watches polled now, before the sweeper would enqueue them."""

    polls: Commands

    def request(self, watches: Sequence[Watch], *, run: Invocation) -> None:
        """Enqueue their first polls; a lost message costs a minute."""
        keys = [watch.key for watch in watches]
        if not keys:
            return
        chunks = batched(keys, KEYS_PER_COMMAND, strict=False)
        with run.leaving(len(keys), after=QueueUnavailable):
            self.polls.send([ContinueWork(keys=chunk) for chunk in chunks])


def _doubles(conflicts: Sequence[Conflict]) -> Iterator[tuple[Watch, Watch]]:
    for conflict in conflicts:
        attempted, stored = conflict.attempted, conflict.stored
        if isinstance(attempted, Watch) and isinstance(stored, Watch):
            yield attempted, stored
