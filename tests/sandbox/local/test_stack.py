"""A local stack moves the time and invokes functions."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from couponbus_sandbox.local.stack import FunctionFailed
from tests.hostile_shell import SHELL
from tests.sandbox.stacks import AnsweringAccess, access_as, without_engine


class Failing(AnsweringAccess):
    answer: ClassVar[Mapping[str, object]] = {"errorMessage": "no table"}
    failure = "Unhandled"


class Counting(AnsweringAccess):
    answer: ClassVar[Mapping[str, object]] = {"Swept": 1.0}


def test_the_time_of_functions_and_simulators_moves_together(tmp_path: Path) -> None:
    before = datetime.now(UTC)

    with without_engine(tmp_path) as stack:
        stack.move_clock(seconds=7200)
        clocks = [
            stack.clock.now(),
            *(
                datetime.fromisoformat(each.state.clock)
                for each in (stack.coniq, stack.uniqodo, stack.koupon)
            ),
        ]

    assert float((tmp_path / "clock").read_text()) == 7200.0
    assert all(clock - before >= timedelta(hours=2) for clock in clocks)
    assert max(clocks) - min(clocks) < timedelta(seconds=5)


def test_invoking_a_function_returns_what_it_says(tmp_path: Path) -> None:
    with without_engine(tmp_path, access=access_as(Counting)) as stack:
        assert stack.invoke("sweep_due") == {"Swept": 1.0}


def test_a_function_that_fails_is_named_with_what_it_raised(tmp_path: Path) -> None:
    with (
        without_engine(tmp_path, access=access_as(Failing)) as stack,
        pytest.raises(FunctionFailed, match="sweep_due: no table"),
    ):
        stack.invoke("sweep_due")


def test_a_stack_within_a_program_does_not_go_by_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SHELL.items():
        monkeypatch.setenv(name, value)

    with without_engine(tmp_path) as stack:
        client = stack.access.sqs()
        credentials = stack.access.session.get_credentials()

    assert (client.meta.endpoint_url, client.meta.region_name) == (
        "https://127.0.0.1:1",
        "eu-west-1",
    )
    assert credentials is not None
    assert (credentials.access_key, credentials.token) == ("test", None)


def test_a_client_is_made_once() -> None:
    access = access_as(AnsweringAccess)

    assert access.sqs() is access.sqs()
    assert {access.sqs().meta.service_model.service_name for _ in range(2)} == {"sqs"}
