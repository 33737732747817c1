"""What goes on without a worker: ticks that take over batches, and rows that are due themselves."""

from collections.abc import Iterator

from tests.model.mistakes import Mistake
from tests.model.state import (
    NO_BATCH,
    SETTLED,
    SETTLING,
    Overdue,
    Row,
    State,
    Step,
    Tick,
    name_of,
    put,
)

ENDS = frozenset[Overdue](("", "keep"))


class TickSteps:
    """What one tick of the sweeper may do next: it takes over one overdue batch."""

    def __init__(self, number: int, mistake: Mistake | None) -> None:
        """Let tick `number` sweep with this mistake."""
        self._number = number
        self._mistake = mistake

    def is_urgent(self, state: State) -> bool:
        """Whether no other process can see or prevent its next step: it does it now, or dies."""
        tick = state.ticks[self._number]
        return tick is not None and ("publish" in tick.todo or ENDS.issuperset(tick.todo))

    def steps(self, state: State) -> Iterator[Step]:
        """Yield what it does where nothing fails, key by key."""
        tick = state.ticks[self._number]
        if tick is None:
            yield from self._begun(state)
        elif "publish" in tick.todo:
            key = tick.todo.index("publish")
            published = self._done(key, tick, state).with_published(key)
            yield f"a tick publishes {name_of(key)}", published
        elif "make due" in tick.todo:
            key = tick.todo.index("make due")
            row = state.rows[key]._replace(due=True, changed=True)
            yield (
                f"a tick makes {name_of(key)} due",
                self._done(key, tick, state).with_row(key, row),
            )
        else:
            yield from self._dropped(tick, state)

    def faults(self, state: State) -> Iterator[Step]:
        """Yield its death."""
        tick = state.ticks[self._number]
        if tick is not None:
            yield f"a tick on batch {tick.batch} dies", state.with_tick(self._number, None)

    def _done(self, key: int, tick: Tick, state: State) -> State:
        return state.with_tick(self._number, tick._replace(todo=put(tick.todo, key, "")))

    def _begun(self, state: State) -> Iterator[Step]:
        if state.ticks.index(None) != self._number:
            return
        for batch, worker in enumerate(state.workers):
            if True in worker.owes and worker.time >= SETTLING:
                todo = tuple(
                    self._todo(row, batch, worker.time) if owed else ""
                    for row, owed in zip(state.rows, worker.owes, strict=True)
                )
                begun = state.with_tick(self._number, Tick(batch, todo))
                yield f"a tick reads batch {batch} and its rows", begun

    def _todo(self, row: Row, batch: int, time: int) -> Overdue:
        if row.state == "ISSUED":
            is_foreign = self._mistake is Mistake.FOREIGN_PUBLISHED
            return "publish" if row.batch == batch or is_foreign else ""
        if row.batch == batch:
            is_made_due = not row.due and self._mistake is not Mistake.NO_OWN_ENTRIES
            return "make due" if is_made_due else ""
        if time < SETTLED and self._mistake is not Mistake.CLOSED_BEFORE_SETTLED:
            return "keep unless settled"
        return ""

    def _dropped(self, tick: Tick, state: State) -> Iterator[Step]:
        """Drop from the batch what does not need it any more."""
        worker = state.workers[tick.batch]
        owes = tuple(self._is_kept(todo, worker.time) for todo in tick.todo)
        what = "keeps what is left in" if any(owes) else "closes"
        kept = state.with_worker(tick.batch, worker._replace(owes=owes))
        yield f"a tick {what} batch {tick.batch}", kept.with_tick(self._number, None)

    def _is_kept(self, todo: Overdue, time: int) -> bool:
        if todo == "keep":
            return self._mistake is not Mistake.CONFLICT_IGNORED
        is_late = self._mistake is Mistake.CLOCK_AFTER_READ and time == SETTLED
        return todo == "keep unless settled" and not is_late


class DueRowSteps:
    """What follows from due entries of rows: events, and look-ups of what has settled."""

    def __init__(self, mistake: Mistake | None) -> None:
        """Go on with this mistake."""
        is_early = mistake is Mistake.LOOKED_UP_BEFORE_SETTLED
        self._looks_up_at = SETTLING if is_early else SETTLED

    def is_urgent(self, state: State) -> bool:
        """Never: others may be faster."""
        return False

    def steps(self, state: State) -> Iterator[Step]:
        """Yield that a due row is published, or looked up."""
        for key, row in enumerate(state.rows):
            if row.due and row.state == "ISSUED" and not state.published[key]:
                published = state.with_published(key)
                yield f"{name_of(key)} is published from its outbox", published
            elif row.due:
                yield from self._looked_up(key, row, state)

    def faults(self, state: State) -> Iterator[Step]:
        """Yield commands that come late or twice, when the row is not due any more."""
        for key, row in enumerate(state.rows):
            if not row.due:
                yield from self._looked_up(key, row, state)

    def _looked_up(self, key: int, row: Row, state: State) -> Iterator[Step]:
        is_over = row.batch == NO_BATCH or state.workers[row.batch].time >= self._looks_up_at
        if row.state != "REQUESTED" or not is_over:
            return
        if state.barcodes[key]:
            found = Row("ISSUED", NO_BATCH, due=True, changed=False)
            yield f"{name_of(key)} is looked up and found", state.with_row(key, found)
        else:
            free = Row("PENDING", NO_BATCH, due=True, changed=False)
            yield f"{name_of(key)} is looked up and not found", state.with_row(key, free)
