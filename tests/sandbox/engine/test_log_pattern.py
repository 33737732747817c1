"""A pattern finds the lines that CloudWatch Logs would find."""

import pytest

from couponbus_sandbox.engine.log_pattern import matcher

LINE = '{"message":"batch done","traces":{"issued":["0af7651916cd43dd8448eb211c80319c"]}}'


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        '"batch done"',
        '"0af7651916cd43dd8448eb211c80319c"',
        'batch "issued"',
        r'"{\"message\":\"batch"',
        '?"0af7651916cd43dd8448eb211c80319c" ?"another"',
        "batch -refused",
        '"[" batch',
    ],
)
def test_a_line_is_found(pattern: str) -> None:
    assert matcher(pattern)(LINE)


@pytest.mark.parametrize(
    "pattern",
    [
        '"done batch"',
        '"Batch done"',
        "batch refused",
        "batch -issued",
        '?"refused" ?"another"',
        '"batch*done"',
        '"batch.done"',
    ],
)
def test_a_line_is_not_found(pattern: str) -> None:
    assert not matcher(pattern)(LINE)
