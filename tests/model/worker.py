"""A worker, step by step: batch, claims, POST, outcomes, events, end of the batch."""

from collections.abc import Iterator

from tests.model.mistakes import Mistake
from tests.model.state import (
    IN_TIME,
    NO_BATCH,
    SETTLED,
    Known,
    Row,
    State,
    Step,
    Worker,
    idle,
    name_of,
    put,
)

DECIDED: tuple[Known, ...] = ("issued", "not issued", "in doubt")
UNFINISHED = frozenset[Known](("claimed", "posted", *DECIDED, "stored"))
STILL_OWED = frozenset[Known](("to claim", "claim unanswered", "left"))
# What a mistaken worker does not count among them.
FORGOTTEN: dict[Mistake | None, Known] = {
    Mistake.CLAIM_FORGOTTEN: "claim unanswered",
    Mistake.CLOSED_WITH_REQUESTED: "left",
}


class WorkerSteps:
    """What one worker may do next, key by key; `faults` are what may go wrong with it."""

    def __init__(self, number: int, keys: frozenset[int], mistake: Mistake | None) -> None:
        """Let worker `number` ask for these keys, again and again."""
        self._number = number
        self._keys = keys
        self._mistake = mistake
        self._still_owed = STILL_OWED - {FORGOTTEN.get(mistake)}
        may_leave = {"stored"} if mistake is Mistake.CLOSED_BEFORE_PUBLISHED else set()
        self._unfinished = UNFINISHED - may_leave
        self._claim = Row("REQUESTED", number, due=False, changed=False)
        is_due = mistake is not Mistake.DOUBT_WITHOUT_ENTRY
        self._outcomes: dict[Known, Row] = {
            "issued": Row("ISSUED", number, due=False, changed=False),
            "not issued": Row("PENDING", NO_BATCH, due=True, changed=False),
            "in doubt": Row("REQUESTED", number, due=is_due, changed=False),
        }

    def is_urgent(self, state: State) -> bool:
        """Whether no other process can see or prevent its next step: it does it now, or dies."""
        worker = state.workers[self._number]
        known = worker.known
        if not worker.runs:
            return False
        if "to claim" in known:
            return not self._may_claim(worker)
        if "claimed" in known:
            return worker.has_batch and worker.time > IN_TIME
        return UNFINISHED.isdisjoint(known) or (UNFINISHED & {*known}) == {"stored"}

    def steps(self, state: State) -> Iterator[Step]:
        """Yield what it does where nothing fails."""
        worker = state.workers[self._number]
        known = worker.known
        if not worker.runs:
            yield from self._begun(worker, state)
            return
        if "to claim" in known:
            yield from self._claimed(known.index("to claim"), worker, state)
        elif not worker.has_batch:
            stored = state.with_worker(self._number, self._with_batch(worker))
            yield self._says("stores its batch"), stored
        elif "claimed" in known:
            yield from self._posted(worker, state)
        elif "posted" in known:
            yield from self._answered(worker, state)
        elif (decided := self._first_decided(worker)) is not None:
            yield from self._outcome_stored(decided, worker, state)
        elif "stored" in known:
            key = known.index("stored")
            published = self._knowing(key, "done", worker, state).with_published(key)
            yield self._says(f"publishes {name_of(key)}"), published
        yield from self._ended(worker, state)

    def faults(self, state: State) -> Iterator[Step]:
        """Yield its death, and what it gets no answer to."""
        worker = state.workers[self._number]
        for key, known in enumerate(worker.known):
            if known == "claim unanswered" and worker.time < SETTLED:
                late = state.with_row(key, self._claim)
                yield self._says(f"has claimed {name_of(key)} after all"), late
        if not worker.runs:
            return
        yield self._says("dies"), state.with_worker(self._number, worker.dead())
        if "to claim" in worker.known and self._may_claim(worker):
            key = worker.known.index("to claim")
            is_under_way = self._is_free(state.rows[key], state)
            after: Known = "claim unanswered" if is_under_way else "left"
            unanswered = self._knowing(key, after, worker, state)
            yield self._says(f"claims {name_of(key)} and gets no answer"), unanswered
        elif "posted" in worker.known:
            unanswered = state.with_worker(self._number, worker.after("posted", "in doubt"))
            yield self._says("gets no answer to its POST"), unanswered
        elif (decided := self._first_decided(worker)) is not None:
            yield from self._not_stored(decided, worker, state)
        elif "stored" in worker.known:
            key = worker.known.index("stored")
            refused = self._knowing(key, "left", worker, state)
            yield self._says(f"cannot publish {name_of(key)}"), refused

    def _not_stored(self, key: int, worker: Worker, state: State) -> Iterator[Step]:
        name, known = name_of(key), worker.known[key]
        left = self._knowing(key, "left", worker, state)
        yield self._says(f"cannot store {name}, or its watch"), left
        if self._is_held(key, known, state):
            stored = state.with_row(key, self._outcomes[known])
            yield self._says(f"stores {name} as {known} and gets no answer"), stored

    def _says(self, what: str) -> str:
        return f"worker {self._number} {what}"

    def _knowing(self, key: int, known: Known, worker: Worker, state: State) -> State:
        knowing = worker._replace(known=put(worker.known, key, known))
        return state.with_worker(self._number, knowing)

    def _begun(self, worker: Worker, state: State) -> Iterator[Step]:
        """A message may be received until all is done; a due row sends a command."""
        keys = range(len(worker.known))
        if worker != idle(len(keys)) or all(state.published[key] for key in self._keys):
            return
        known = tuple[Known, ...]("to claim" if key in self._keys else "" for key in keys)
        names = ", ".join(map(name_of, sorted(self._keys)))
        begun = worker._replace(runs=True, known=known)
        if self._mistake is Mistake.ROWS_BEFORE_BATCH:
            yield self._says(f"receives {names}"), state.with_worker(self._number, begun)
        else:
            stored = state.with_worker(self._number, self._with_batch(begun))
            yield self._says(f"receives {names} and stores its batch"), stored

    def _with_batch(self, worker: Worker) -> Worker:
        owes = tuple(key in self._keys for key in range(len(worker.known)))
        return worker._replace(has_batch=True, owes=owes)

    def _may_claim(self, worker: Worker) -> bool:
        return worker.time == IN_TIME or self._mistake is Mistake.LATE_CLAIM

    def _claimed(self, key: int, worker: Worker, state: State) -> Iterator[Step]:
        if not self._may_claim(worker):
            unclaimed = self._knowing(key, "done", worker, state)
            yield self._says(f"has no time left to claim {name_of(key)}"), unclaimed
        elif self._is_free(state.rows[key], state):
            claimed = self._knowing(key, "claimed", worker, state).with_row(key, self._claim)
            yield self._says(f"claims {name_of(key)}"), claimed
        else:
            other = self._knowing(key, "done", worker, state)
            yield self._says(f"finds {name_of(key)} claimed"), other

    def _is_free(self, row: Row, state: State) -> bool:
        if row.state == "REQUESTED" and self._mistake is Mistake.STOLEN_CLAIM:
            return row.batch == NO_BATCH or state.workers[row.batch].time > IN_TIME
        if row.state == "PENDING":
            return self._mistake is not Mistake.RELEASED_AND_LEFT
        return row.state == "absent"

    def _posted(self, worker: Worker, state: State) -> Iterator[Step]:
        if worker.time == IN_TIME:
            sent = tuple(one == "claimed" for one in worker.known)
            posted = worker.after("claimed", "posted")._replace(sent=sent)
            yield self._says("posts"), state.with_worker(self._number, posted)
        else:
            unsent = worker.after("claimed", "not issued")
            yield self._says("has no time left to post"), state.with_worker(self._number, unsent)

    def _answered(self, worker: Worker, state: State) -> Iterator[Step]:
        """The answer says what has taken effect; the rest is refused and never will."""
        known = tuple[Known, ...](
            one if one != "posted" else "not issued" if sent else "issued"
            for one, sent in zip(worker.known, worker.sent, strict=True)
        )
        answered = worker._replace(known=known, sent=(False,) * len(known))
        yield self._says("gets its answer"), state.with_worker(self._number, answered)

    def _first_decided(self, worker: Worker) -> int | None:
        return next((key for key, one in enumerate(worker.known) if one in DECIDED), None)

    def _is_held(self, key: int, known: Known, state: State) -> bool:
        row = state.rows[key]
        if self._mistake is Mistake.NO_LOCK:
            return row != self._outcomes[known]
        is_claim = row.state == "REQUESTED" and row.batch == self._number
        return row == self._claim or (is_claim and self._mistake is Mistake.LOCK_OF_CLAIM)

    def _outcome_stored(self, key: int, worker: Worker, state: State) -> Iterator[Step]:
        """Over the claim's revision; what an earlier try has stored is recognised."""
        known, row, name = worker.known[key], state.rows[key], name_of(key)
        after: Known = "stored" if known == "issued" else "done"
        if known == "issued" and self._mistake is Mistake.PUBLISHED_BEFORE_STORED:
            yield self._says(f"publishes {name}"), state.with_published(key)
        if self._is_held(key, known, state):
            stored = self._knowing(key, after, worker, state).with_row(key, self._outcomes[known])
            yield self._says(f"stores {name} as {known}"), stored
        elif row == self._outcomes[known]:
            recognised = self._knowing(key, after, worker, state)
            yield self._says(f"sees that it has stored {name}"), recognised
        else:
            is_requested = row.state == "REQUESTED" and row.batch == self._number
            changed = self._knowing(key, "left" if is_requested else "done", worker, state)
            yield self._says(f"finds {name} changed"), changed

    def _ended(self, worker: Worker, state: State) -> Iterator[Step]:
        """Drop from the batch what does not need it any more."""
        if not self._unfinished.isdisjoint(worker.known):
            return
        ended = worker.dead()
        yield self._says("ends"), state.with_worker(self._number, ended)
        owes = tuple(known in self._still_owed for known in worker.known)
        if worker.has_batch and owes != worker.owes:
            what = "keeps what is left in its batch" if any(owes) else "closes its batch"
            kept = state.with_worker(self._number, ended._replace(owes=owes))
            yield self._says(what), kept
