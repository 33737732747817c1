"""The table at the end of `make bench` says which figure is beyond its limit."""

import io
from importlib.util import find_spec

import pytest

from tests.benchmarks.__main__ import PARTS
from tests.benchmarks.figure import Figure
from tests.benchmarks.summary import table

SLOW = Figure(name="hot path", value=6.5, unit="x", least=7.0)
QUICK = Figure(name="a tick for a million watches", value=41.0, unit="ms", digits=0, most=2000.0)


@pytest.mark.parametrize(
    ("figure", "missed"),
    [
        (SLOW, True),
        (QUICK, False),
        (Figure(name="n", value=7.0, least=7.0, most=7.0), False),
        (Figure(name="n", value=7.1, most=7.0), True),
        (Figure(name="n", value=7.1), False),
    ],
)
def test_a_figure_beyond_a_limit_is_missed(figure: Figure, missed: bool) -> None:
    assert figure.is_missed is missed


def test_a_figure_comes_through_the_output_of_a_part() -> None:
    assert Figure.of(SLOW.line()) == SLOW
    assert Figure.of("| a | row |") is None


@pytest.mark.parametrize("width", [40, 100])
def test_the_table_fits_its_terminal_and_names_what_is_too_slow(width: int) -> None:
    output = io.StringIO()

    table([SLOW, QUICK], file=output, width=width)

    lines = output.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    (slow,) = (line for line in lines if "6.5 x" in line)
    (quick,) = (line for line in lines if "41 ms" in line)
    assert "MISSED" in slow
    assert "MISSED" not in quick


def test_each_part_has_a_module_that_can_be_run() -> None:
    assert list(PARTS) == ["hot", "cost", "polling", "webhooks", "start"]
    assert [module for module, _ in PARTS.values() if find_spec(module) is None] == []
