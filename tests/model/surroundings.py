"""What happens around the processes: the provider, time, and other sign-ups."""

from collections.abc import Iterator

from tests.model.state import (
    IN_TIME,
    NO_BATCH,
    SETTLED,
    SETTLING,
    State,
    Step,
    idle,
    name_of,
    put,
)


class Surroundings:
    """What no process of ours decides."""

    def is_urgent(self, state: State) -> bool:
        """Never: it may come at any time."""
        return False

    def steps(self, state: State) -> Iterator[Step]:
        """Yield that the provider issues a barcode, and that time passes."""
        for number, worker in enumerate(state.workers):
            for key, sent in enumerate(worker.sent):
                if sent:
                    applied = worker._replace(sent=put(worker.sent, key, item=False))
                    barcodes = put(state.barcodes, key, state.barcodes[key] + 1)
                    after = state.with_worker(number, applied)._replace(barcodes=barcodes)
                    yield f"the provider issues {name_of(key)} to worker {number}", after
            yield from self._passed(number, state)

    def faults(self, state: State) -> Iterator[Step]:
        """Yield that another sign-up writes its consents into a row and decides nothing."""
        for key, row in enumerate(state.rows):
            if row.state == "REQUESTED":
                joined = state.with_row(key, row._replace(changed=True))
                yield f"another sign-up joins {name_of(key)}", joined

    def _passed(self, number: int, state: State) -> Iterator[Step]:
        """After `settle` nothing takes effect any more; what is over makes way for another."""
        worker = state.workers[number]
        if worker.time == IN_TIME and worker != idle(len(state.rows)):
            late = worker._replace(time=SETTLING)
            yield f"the deadline of worker {number} passes", state.with_worker(number, late)
        elif worker.time == SETTLING:
            settled = worker.after("posted", "in doubt")._replace(
                time=SETTLED, sent=(False,) * len(worker.sent)
            )
            left = settled if settled.runs else settled.dead()
            yield f"settle of batch {number} is over", state.with_worker(number, left)
        elif worker.time == SETTLED and _is_history(number, state):
            rows = tuple(
                row._replace(batch=NO_BATCH) if row.batch == number else row for row in state.rows
            )
            forgotten = state._replace(rows=rows).with_worker(number, idle(len(rows)))
            yield f"batch {number} is history", forgotten


def _is_history(number: int, state: State) -> bool:
    worker = state.workers[number]
    is_swept = any(tick is not None and tick.batch == number for tick in state.ticks)
    return not (worker.runs or any(worker.owes) or is_swept)
