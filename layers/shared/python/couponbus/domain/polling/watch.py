"""One customer whose redemptions are polled: what is known of them, and when the watch ends.

STARTING ─first poll→ ACTIVE ─→ ENDED
    └────── cancelled, erased ────↑   (a later sign-up may start it again, unless it was erased)

A poll that shows nothing new writes nothing. News is polled for again after the row was read, and
stored over exactly the revision that was read (docs/reliability.md#watch-states).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.polling.cohort import Cohort, CohortKind, hour_of
from couponbus.domain.polling.known import KnownOffer, KnownUse
from couponbus.domain.polling.poll_policy import (
    USED_UP_GRACE,
    Customers,
    ListFilter,
    PollGroup,
    PollPolicy,
    used_up_policy,
)
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row

POLL_AGAIN = timedelta(minutes=5)
YOUNG_AGAIN = timedelta(hours=2)  # the age of a watch after a redemption


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Watch(Row):
    """`cohort_at` is the time from which its age counts; `ends_at` is its horizon.

    `round` counts how often it was started. `digest` is that of the last snapshot that was settled,
    empty while something is pending, UNCLEAR while a snapshot cannot be believed. `user_id` is the
    provider's name of the customer, None once that is deleted, `code_errors` its error numbers.
    `last_signup_id` is the latest sign-up that prolonged it, None if only the first one asked.
    `unlisted` uses of the code were counted and not listed when none that is known was absent.
    From `used_up_at`, when its code had no use left, it goes on once a day for a grace.
    Its cohort is moved to `renewed_at` and `renewed_policy` by the poll that follows.
    `list_filter` stays until it is started again: its counts are those of one list.
    `set_aside` counts what the first poll showed and may have come since, yet is not published.
    It is `backfilled` while only a command asked for it, not a sign-up.
    """

    watch_id: str
    tenant: str
    provider: Provider
    account: str
    promotion: str | None
    user_id: str | None = field(repr=False)
    customer_ref: str
    program: str
    signup_id: str
    poll_policy: PollPolicy
    grace_seconds: int
    warn_days: int | None
    started_at: datetime
    ends_at: datetime
    state: WatchState = WatchState.STARTING
    round: int = 1
    cohort_at: datetime | None = None
    expires_at: datetime | None = None
    digest: str = ""
    offer_id: str | None = None
    uses: tuple[KnownUse, ...] = ()
    offers: tuple[KnownOffer, ...] = ()
    withheld: int = 0
    warned: bool = False
    recorded: int = 0
    news_at: datetime | None = None
    reason: str | None = None
    ended_at: datetime | None = None
    last_signup_id: str | None = None
    renewed_at: datetime | None = None
    renewed_policy: PollPolicy | None = None
    used_up_at: datetime | None = None
    used_up_grace_seconds: int = USED_UP_GRACE
    code_errors: tuple[str, ...] = ()
    first_poll_at: datetime | None = None
    list_filter: ListFilter | None = None
    customers: Customers = Customers.ANY
    set_aside: int = 0
    backfilled: bool = False
    signed_up_at: datetime | None = None
    unlisted: int = 0
    trace_id: str | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return watch_key(self.watch_id)

    @property
    def group(self) -> PollGroup:
        """The group of watches with which it is polled."""
        return PollGroup(
            provider=self.provider,
            account=self.account,
            poll_policy=self.poll_policy_now,
            list_filter=self.list_filter,
        )

    @property
    def poll_policy_now(self) -> PollPolicy:
        """How often it is polled as things stand."""
        if self.used_up_at is None:
            return self.poll_policy
        return used_up_policy(grace_seconds=self.used_up_grace_seconds)

    @property
    def age_cohort(self) -> Cohort | None:
        """The cohort by its age, None while it is not polled."""
        if self.state is not WatchState.ACTIVE or self.cohort_at is None:
            return None
        return Cohort(kind=CohortKind.AGE, group=self.group, hour=hour_of(self.cohort_at))

    @property
    def end_cohort(self) -> Cohort | None:
        """The cohort by the end of its code."""
        if self.state is not WatchState.ACTIVE or self.expires_at is None:
            return None
        if self.used_up_at is not None:
            return None
        return Cohort(kind=CohortKind.END, group=self.group, hour=hour_of(self.expires_at))

    @property
    def news_from(self) -> datetime:
        """From when on redemptions are news: the sign-up may have waited for its barcode."""
        return self.signed_up_at or self.started_at

    @property
    def last_poll_at(self) -> datetime:
        """When it ends, by its code or by its horizon; one more poll is made then."""
        if self.used_up_at is not None:
            return self.used_up_at + timedelta(seconds=self.used_up_grace_seconds)
        if self.expires_at is None or self.provider is Provider.KOUPON:
            return self.ends_at  # an offer ends, a consumer's list does not
        return min(self.expires_at + timedelta(seconds=self.grace_seconds), self.ends_at)

    @property
    def is_first_of_sign_up(self) -> bool:
        """Whether its next poll is the first one that a sign-up waits for."""
        return self.state is WatchState.STARTING and not self.backfilled

    @property
    def may_restart(self) -> bool:
        """Whether a later sign-up may start it again; a row owes one event at most."""
        is_over = self.state is WatchState.ENDED and not self.unpublished
        return is_over and self.user_id is not None

    def must_store_poll(self, now: datetime) -> bool:
        """Whether a poll must be stored, even if it shows nothing new."""
        if self.state is WatchState.ENDED:
            return False
        return self.state is WatchState.STARTING or not self.digest or self._time(now) is not None

    def put_off(self, *, until: datetime) -> Self:
        """Postpone the poll to `until`."""
        self._require_alive()
        return replace(self, due_at=until)

    def owed(self, *, by: datetime) -> Self:
        """Have it polled `by` then, if it is not due before; a turn of its cohort may be far."""
        self._require_alive()
        return self if self.due_at is not None and self.due_at <= by else replace(self, due_at=by)

    def ended(self, *, reason: EndReason, now: datetime, publish_by: datetime) -> Self:
        """End the watch, and owe the event."""
        self._require_alive()
        return replace(
            self,
            state=WatchState.ENDED,
            reason=reason.value,
            ended_at=now,
            due_at=publish_by,
            outcomes=self.outcomes + 1,
            trail=self.step(now, "ended", reason.value),
        )

    def erased(self, *, now: datetime, publish_by: datetime) -> Self:
        """Delete the customer's data for good; what is left keeps a later sign-up from starting it.

        An end that is not published yet is published with its own reason: an event never changes.
        """
        forgotten = replace(self, user_id=None, uses=(), offers=(), digest="")
        if self.state is WatchState.ENDED:
            return replace(
                forgotten,
                reason=self.reason if self.unpublished else EndReason.ERASED.value,
                trail=self.step(now, "erased"),
            )
        return forgotten.ended(reason=EndReason.ERASED, now=now, publish_by=publish_by)

    def restarted(self, *, by: Self, now: datetime) -> Self:
        """Start again for a later sign-up; what was redeemed meanwhile is not published."""
        if not self.may_restart:
            raise TransitionRefused(f"{self.key} is {self.state.value}")
        return replace(
            by,
            revision=self.revision,
            write_id=self.write_id,
            round=self.round + 1,
            outcomes=self.outcomes,
            published=self.published,
            published_at=self.published_at,
            recorded=self.recorded,
            uses=self.uses,
            customers=Customers.ANY,  # the first sign-up made the customer, not this one
            code_errors=self.code_errors,
            unlisted=self.unlisted,
            trail=self.step(now, "started again", by.signup_id),
        )

    def is_prolonged_by(self, by: Self) -> bool:
        """Whether a sign-up that asks for the same watch is another one, or asks for longer.

        It asks for longer by another program. When it comes again, it does not.
        """
        if self.state is WatchState.ENDED:
            return False
        policies = (self.poll_policy, self.renewed_policy or self.poll_policy)
        horizon = max(one.horizon_seconds for one in policies)
        is_known = by.signup_id in (self.signup_id, self.last_signup_id)
        return not is_known or by.poll_policy.horizon_seconds > horizon

    def prolonged(self, *, by: Self, now: datetime, due_at: datetime) -> Self:
        """Watch as long as the later sign-up needs; the poll that is due renews the cohort.

        A worker that has polled meanwhile is overtaken: what it saw is polled again by then.
        """
        self._require_alive()
        is_longer = by.ends_at > self.ends_at
        return replace(
            self,
            ends_at=max(self.ends_at, by.ends_at),
            grace_seconds=max(self.grace_seconds, by.grace_seconds),
            last_signup_id=by.signup_id,
            backfilled=self.backfilled and by.backfilled,
            renewed_at=by.started_at,
            # That of the longer one: its cohorts are registered until that one's horizon.
            renewed_policy=by.poll_policy if is_longer else self.renewed_policy,
            digest="",
            due_at=due_at,
            trail=self.step(now, "prolonged", by.signup_id),
        )

    def renewed(self) -> Self:
        """Count its age from the later sign-up, if one prolonged it; the first poll comes first."""
        if self.renewed_at is None or self.cohort_at is None:
            return self
        return replace(
            self,
            poll_policy=self.renewed_policy or self.poll_policy,
            cohort_at=max(self.cohort_at, self.renewed_at),
            renewed_at=None,
            renewed_policy=None,
        )

    def next_due(self, *, now: datetime) -> datetime:
        """Return when the sweeper must enqueue it, independently of its cohorts.

        Never at once, and the less often the longer the end is delayed.
        """
        if not self.digest:
            return now + max(POLL_AGAIN, (now - self.last_poll_at) / 4)
        return max(now + POLL_AGAIN, min([self.last_poll_at, *self.warnings()]))

    def warnings(self) -> list[datetime]:
        """Return when each end that was not announced yet is to be announced."""
        if self.warn_days is None or self.used_up_at is not None:
            return []
        before = timedelta(days=self.warn_days)
        open_ends = [
            one.ends for one in self.offers if one.ends and not one.warned and one.ended is None
        ]
        if self.expires_at is not None and not self.warned and not self.offers:
            open_ends.append(self.expires_at)
        return [end - before for end in open_ends]

    def _time(self, now: datetime) -> datetime | None:
        """Return the first end or announcement that is due, None if there is none."""
        return min((at for at in (self.last_poll_at, *self.warnings()) if at <= now), default=None)

    def _require_alive(self) -> None:
        if self.state is WatchState.ENDED:
            raise TransitionRefused(f"{self.key} is {self.state.value}")
