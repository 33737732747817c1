"""The pauses of an account, read and changed with an optimistic lock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from couponbus.domain.outbox.backlog import Backlog
from couponbus.domain.polling.pause import Pause, pause_id_of, pause_key
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from couponbus.usecases.polling.poll_redemptions import PAUSED_FOR
from couponbus.usecases.store import Store
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.world import World

TRIES = 5
PAGE = 1000
WAKES_IN = timedelta(minutes=1)  # workers know a pause for half a minute after it is over

type Change = Callable[[Pause], Pause]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An account, or one promotion of it."""

    provider: Provider
    account: str
    promotion: str | None = None

    @property
    def name(self) -> str:
        """Its name in sentences."""
        of = f"{self.provider} {self.account}"
        return of if self.promotion is None else f"the promotion {self.promotion} of {of}"

    @property
    def options(self) -> str:
        """Its name as options of a command."""
        of = f"--provider {self.provider} --account {self.account}"
        return of if self.promotion is None else f"{of} --promotion {self.promotion}"

    def has(self, watch: Watch) -> bool:
        """Whether a watch is polled there."""
        is_of_account = (watch.provider, watch.account) == (self.provider, self.account)
        return is_of_account and self.promotion in (None, watch.promotion)

    def is_held(self, pause: Pause) -> bool:
        """Whether it is paused itself."""
        if self.promotion is None:
            return pause.reason is not None or bool(pause.promotions)
        return self.promotion in pause.promotions


def require_deployed(subject: Subject, world: World) -> None:
    """Raise Failed for an account that the stage does not poll."""
    known = {(account.provider, account.name) for account in world.deployment.polled()}
    if (subject.provider, subject.account) not in known:
        named = ", ".join(sorted(f"{provider} {name}" for provider, name in known)) or "nothing"
        text = f"unknown account: {world.stage} polls {named}"
        raise Failed(text, kind="unknown_account")


def pause_of(subject: Subject, world: World) -> Pause:
    """Return the present pauses of its account."""
    key = pause_key(subject.provider, subject.account)
    row = world.rows.read([key]).get(key)
    if isinstance(row, Pause):
        return row
    return Pause(pause_id=pause_id_of(subject.provider, subject.account))


def changed(subject: Subject, change: Change, world: World) -> Pause:
    """Store a change, retried while workers change the row.

    Raises Failed, RowsBroken, LedgerUnavailable.
    """
    store = Store(ledger=world.rows, ids=world.ids, clock=world.clock)
    for _ in range(TRIES):
        after = change(pause_of(subject, world))
        if store.put(after):
            return after
    text = f"{subject.name} was changed by another operator at each try: try again"
    raise Failed(text, kind="conflict")


def wake(subject: Subject, after: Pause, world: World) -> int:
    """Have the polls that a pause postponed made now; return of how many watches.

    Raises LedgerUnavailable: then the others follow when they would have.
    """
    store = Store(ledger=world.rows, ids=world.ids, clock=world.clock)
    now, woken, page = world.clock.now(), 0, None
    while page is None or page.after is not None:
        page = world.rows.due(
            backlog=Backlog.POLLS,
            now=now + PAUSED_FOR,
            limit=PAGE,
            after=page.after if page else None,
        )
        postponed = [
            watch
            for watch in world.rows.read(page.keys).of(Watch)
            if subject.has(watch) and not after.holds(watch.promotion)
            if watch.must_store_poll(now)
            if watch.due_at is not None and watch.due_at > now + WAKES_IN
        ]
        stored = store.write([watch.put_off(until=now + WAKES_IN) for watch in postponed])
        woken += len(stored.written)
    return woken
