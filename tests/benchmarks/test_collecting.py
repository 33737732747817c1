"""The tables of POSTs by rate, window and collectors are what the model gives, and the engine."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from couponbus_sandbox.engine.collectors import Batching, Collectors
from tests.benchmarks import collecting
from tests.benchmarks.collecting import BEFORE, BOUND, CHOSEN, FULL, RATES, Setting, figures
from tests.infra.stages import PROD

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_has_the_table_of_the_model() -> None:
    page = (DOCS / "performance.md").read_text()

    for line in collecting.settings():
        assert line in page


def test_prod_has_the_setting_that_was_chosen() -> None:
    assert Setting(collectors=PROD.concurrency, window=PROD.window_seconds) == CHOSEN


@pytest.mark.parametrize("rate", RATES)
def test_posts_are_much_nearer_to_the_bound_than_with_five_collectors(rate: float) -> None:
    bound, before, chosen = (figures(rate, each).posts for each in (BOUND, BEFORE, CHOSEN))

    assert chosen - bound <= (before - bound) / 5


@pytest.mark.parametrize("rate", [0.1, 1, 10])
@pytest.mark.parametrize("collectors", [1, 2, 5])
def test_a_batch_has_what_its_collector_gets_in_a_window(rate: float, collectors: int) -> None:
    in_a_window = 1 + rate / collectors * 15

    found = figures(rate, Setting(collectors=collectors, window=15))

    assert 1000 / found.posts == pytest.approx(in_a_window, rel=0.03)


@pytest.mark.parametrize("setting", [BOUND, BEFORE, CHOSEN])
@pytest.mark.parametrize("rate", [1.0, 30.0])
def test_the_local_engine_collects_as_the_model_does(rate: float, setting: Setting) -> None:
    came = collecting.arrivals(rate=rate, count=1500, seed=3)

    ours = len(collecting.collect(came, setting, seed=4))

    assert len(engine_batches(came, setting)) == pytest.approx(ours, rel=0.1)


def engine_batches(came: Sequence[float], setting: Setting) -> Sequence[int]:
    """Return the sizes of the engine's batches: it looks when a message comes or a window ends."""
    pollers, waiting, sizes = Collectors(Random(5)), dict[str, int](), list[int]()
    given = Batching(size=FULL, window=setting.window, collectors=setting.collectors)

    def look(now: float) -> None:
        while batch := pollers.due(waiting, batching=given, now=now):
            sizes.append(len(batch))
            for each in batch:
                del waiting[each]

    for number, at in enumerate(came):
        while (ends := pollers.ends(setting.window)) is not None and ends <= at:
            look(ends)
        waiting[str(number)] = 1
        look(at)
    while (ends := pollers.ends(setting.window)) is not None:
        look(ends)
    return sizes
