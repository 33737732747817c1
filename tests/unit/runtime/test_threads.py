"""Jobs run side by side, and none is taken before there is a thread for it."""

import threading
from collections.abc import Callable, Generator, Iterator
from functools import partial
from itertools import chain

import pytest

from couponbus.ports.shared import Executor
from couponbus.runtime.threads import ThreadedExecutor
from tests.fakes.executor import InlineExecutor

PATIENCE = 20.0  # seconds, for a thread that should be there at once


class Gauge:
    """How many jobs were taken and are under way; jobs wait at a gate that starts closed."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.taken = 0
        self.most = 0
        self.done = 0
        self._present = 0
        self._lock = threading.Lock()

    def jobs(self, count: int) -> Iterator[Callable[[], int]]:
        for number in range(count):
            self.taken += 1
            yield partial(self._work, number)

    def _work(self, number: int) -> int:
        with self._lock:
            self._present += 1
            self.most = max(self.most, self._present)
        assert self.gate.wait(PATIENCE)
        with self._lock:
            self._present -= 1
            self.done += 1
        return number


def opened() -> Gauge:
    gauge = Gauge()
    gauge.gate.set()
    return gauge


@pytest.fixture(params=["inline", "threads"])
def executor(request: pytest.FixtureRequest) -> Executor:
    return InlineExecutor() if request.param == "inline" else ThreadedExecutor(size=5)


@pytest.mark.parametrize("count", [0, 1, 5, 6, 200])
def test_every_job_gives_its_result_once(executor: Executor, count: int) -> None:
    assert sorted(executor.run(opened().jobs(count))) == list(range(count))


def test_a_run_may_follow_another(executor: Executor) -> None:
    for _ in range(3):
        assert sorted(executor.run(opened().jobs(7))) == list(range(7))


def test_nothing_is_taken_before_a_result_is_asked_for(executor: Executor) -> None:
    gauge = opened()

    executor.run(gauge.jobs(3))

    assert gauge.taken == 0


def test_jobs_are_taken_in_the_callers_own_thread(executor: Executor) -> None:
    takers: set[int] = set()

    def source() -> Iterator[Callable[[], None]]:
        for _ in range(20):
            takers.add(threading.get_ident())
            yield lambda: None

    list(executor.run(source()))

    assert takers == {threading.get_ident()}


def test_a_failure_of_the_source_is_the_callers(executor: Executor) -> None:
    def source() -> Iterator[Callable[[], int]]:
        yield lambda: 1
        raise ConnectionError

    with pytest.raises(ConnectionError):
        list(executor.run(source()))


def test_as_many_jobs_as_there_are_threads_are_under_way_and_no_more() -> None:
    gauge = opened()
    all_there = threading.Barrier(5, timeout=PATIENCE)

    met = list(ThreadedExecutor(size=5).run([all_there.wait] * 25))
    list(ThreadedExecutor(size=5).run(gauge.jobs(100)))

    assert sorted(met) == sorted([0, 1, 2, 3, 4] * 5)
    assert gauge.most <= 5


def test_no_job_is_taken_that_would_have_to_wait_for_a_thread() -> None:
    gauge = Gauge()
    taken_while_full: list[int] = []

    def source() -> Iterator[Callable[[], int]]:
        for job in gauge.jobs(30):
            if gauge.taken == 4:
                gauge.gate.set()
            taken_while_full.append(gauge.taken - gauge.done)
            yield job

    list(ThreadedExecutor(size=4).run(source()))

    assert max(taken_while_full) <= 4


def test_a_slow_job_holds_back_no_other_result() -> None:
    slow = Gauge()
    jobs: list[Callable[[], int]] = [next(slow.jobs(1)), *(lambda: 7 for _ in range(9))]

    results = ThreadedExecutor(size=2).run(jobs)
    first = [next(results) for _ in range(9)]
    slow.gate.set()
    rest = list(results)

    assert first == [7] * 9
    assert rest == [0]


def test_a_caller_that_stops_waits_for_what_is_under_way_and_starts_nothing_else() -> None:
    gauge = Gauge()
    jobs = chain(gauge.jobs(2), [lambda: 7], gauge.jobs(50))
    results = ThreadedExecutor(size=3).run(jobs)

    assert next(results) == 7
    assert isinstance(results, Generator)
    threading.Timer(0.1, gauge.gate.set).start()
    results.close()

    assert gauge.taken == gauge.done == 2


def test_a_job_that_breaks_its_promise_is_heard_of_and_the_threads_are_still_there() -> None:
    executor = ThreadedExecutor(size=2)

    def broken() -> int:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        list(executor.run([broken, *opened().jobs(9)]))

    assert sorted(executor.run(opened().jobs(9))) == list(range(9))


def test_threads_stay_for_the_next_run() -> None:
    executor = ThreadedExecutor(size=2)
    idents: set[int] = set()

    for _ in range(10):
        idents.update(executor.run([threading.get_ident] * 6))

    assert 1 <= len(idents) <= 2
