"""What the hot path takes in each shape, in an environment that is set before this is imported."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import chain

from couponbus.aws.clients import Clients
from tests.benchmarks import ours, report, stages
from tests.benchmarks.alone import alone
from tests.benchmarks.figure import Figure
from tests.benchmarks.lanes import in_lanes
from tests.benchmarks.measuring import Bench, Timing
from tests.benchmarks.quiet import into_nowhere
from tests.benchmarks.shapes import FULL, OVER_TLS, SHAPES, Shape
from tests.benchmarks.wire import Wire

ROUNDS = 6
CONNECTIONS = 20
# Other programs crowd the caches of both designs: an idle machine shows more.
LEAST = 6.0


def lines(wire: Wire) -> Iterator[str]:
    """Measure, and yield the tables and the figures."""
    changes = ours.recorded(*((shape.batch, shape.watches) for shape in SHAPES))
    assert not [*in_lanes(chain(*changes))], "the publisher has work too: measure it"
    bench, full = Bench(*SHAPES), SHAPES[0]
    with into_nowhere():
        bench.warm()
        calls, calls_of_plain = bench.calls(wire, full)
        bench.rounds(ROUNDS)
        spent = bench.stages(full, rounds=2 * ROUNDS)
    (found,) = alone("tests.benchmarks.hot", "tls")
    tls = json.loads(found)
    timings = {**bench.timings, OVER_TLS: Timing(**tls["timing"])}
    yield from report.shapes(timings)
    yield ""
    yield from report.calls(calls, calls_of_plain)
    yield ""
    yield from report.stages(spent, stages.codec(ours.issued_by(changes[0]), times=500))
    yield from _figures(timings, tls["new_connection"])


def over_tls() -> Mapping[str, object]:
    """Measure a full batch, and a call on a new connection beside one on a kept one."""
    bench = Bench(OVER_TLS)
    with into_nowhere():
        bench.warm()
        bench.rounds(ROUNDS)
    return {"timing": asdict(bench.timings[OVER_TLS]), "new_connection": _new_connection()}


def _figures(timings: Mapping[Shape, Timing], new_connection: float) -> Iterator[str]:
    ratios = {shape: timing.ratio_of_means for shape, timing in timings.items()}
    worst = min((each for each in ratios if each.batch == FULL), key=ratios.__getitem__)
    yield Figure(
        name=f"plain Powertools / hot path: {worst.name}",
        value=ratios[worst],
        unit="x",
        least=LEAST,
    ).line()
    for shape, ratio in ratios.items():
        if shape.batch != FULL:
            name = f"plain Powertools / hot path: {shape.name}"
            yield Figure(name=name, value=ratio, unit="x").line()
    name = "a new TLS connection to AWS"
    yield Figure(name=name, value=new_connection, unit="ms of CPU").line()


def _new_connection() -> float:
    """Return the milliseconds of CPU that a call takes longer on a new connection."""
    client = Clients().dynamodb

    def called(*, times: int) -> float:
        begun = time.process_time()
        for _ in range(times):
            client.get_item(TableName="any", Key={"pk": {"S": "a"}, "sk": {"S": "ROW"}})
        return time.process_time() - begun

    called(times=1)
    kept, fresh = called(times=CONNECTIONS), 0.0
    for _ in range(CONNECTIONS):
        client._endpoint.http_session.close()  # type: ignore[attr-defined]
        fresh += called(times=1)
    return (fresh - kept) / CONNECTIONS * 1000
