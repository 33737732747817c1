"""The second engine reaches nothing beyond this machine, and leaves nothing behind."""

from pathlib import Path

import pytest

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.process import EngineFailed
from tests.e2e.engine.laboratory import until
from tests.e2e.engine.test_process import listeners, members
from tests.second_engine import process


def test_the_second_engine_listens_on_one_port_of_loopback_only(second: Access) -> None:
    port = int(second.endpoint_url.rpartition(":")[2])

    assert {each.partition(":")[2] for each in listeners(members(second.pid))} == {f"{port:04X}"}


def test_the_second_engine_did_not_reach_for_the_network(second: Access) -> None:
    second.sqs().create_queue(QueueName="any")

    assert "OutsideWorld" not in second.log.read_text()


def test_no_setting_of_the_caller_reaches_the_second_engine_and_nothing_is_left_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEBUG", "planted")
    with process.second_engine() as access:
        environment = Path(f"/proc/{access.pid}/environ").read_text()
        before = members(access.pid)

    assert "planted" not in environment
    assert before
    until(lambda: not members(access.pid), seconds=5)
    assert not access.log.parent.exists()


def test_a_second_engine_that_is_not_installed_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "READY", tmp_path / "absent")

    with (
        pytest.raises(EngineFailed, match=r"tests/second_engine/requirements.txt .* `make setup`"),
        process.second_engine(),
    ):
        raise AssertionError("it runs")
