"""The command `make demo`, on a small load."""

import signal
from pathlib import Path

import pytest

from tests.e2e.processes import running


@pytest.mark.timeout(300)
def test_the_demo_keeps_its_promises_and_leaves_nothing_behind(tmp_path: Path) -> None:
    arguments = ("--sign-ups", "20", "--days", "1")
    with running("couponbus_sandbox.demo", *arguments, folder=tmp_path) as demo:
        code = demo.process.wait(270)

        assert code == 0, demo.output
        assert "sign-ups sent: 20 of 20" in demo.output
        assert "simulated hours: 24 of 24" in demo.output
        assert "events RedemptionReversed" in demo.output
        assert "hours of the outage: 48 of 48" in demo.output
        assert "endpoints disabled" in demo.output
        assert "BROKEN" not in demo.output
        assert demo.left_behind() == (set(), [])


def test_the_demo_stops_cleanly_when_it_is_interrupted(tmp_path: Path) -> None:
    with running("couponbus_sandbox.demo", "--sign-ups", "20", folder=tmp_path) as demo:
        demo.until_it_says("starting simulators")
        code = demo.end(signal.SIGINT)

        assert code == 130
        assert "Traceback" not in demo.output
        assert demo.left_behind() == (set(), [])
