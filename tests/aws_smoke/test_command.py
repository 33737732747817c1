"""The command of the smoke test: what it refuses, that it destroys, and how it ends."""

import argparse
import io
import json
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.stacks import StackFailed
from tests.aws_smoke import __main__ as command
from tests.aws_smoke.answers import Answer, Place, answered, answers, show
from tests.aws_smoke.aws_stage import AwsStage, cdk_tools
from tests.aws_smoke.cloud import Account, Cloud
from tests.aws_smoke.fact import Fact, Here, Verdict
from tests.aws_smoke.facts.bus import replayed

NO_CLOUD = cast(Cloud, SimpleNamespace(over=threading.Event()))


def a_fact(*, holds: bool = True, here: Here = "known", fails: bool = False) -> Fact[bool]:
    def observe(_cloud: Cloud) -> bool:
        if fails:
            raise ConnectionError("no answer")
        return holds

    def judge(seen: bool) -> Verdict:
        return Verdict(holds=seen, seen="what was seen")

    return Fact(name="a", sentence="It is so", page="p", observe=observe, judge=judge, here=here)


@dataclass
class Stage:
    """A stage that is deployed nowhere, and remembers what was done with it."""

    fails: BaseException | None = None
    left: Sequence[str] = ()
    taken: bool = False
    done: list[str] = field(default_factory=list)
    parts: Sequence[str] = ("smoke-try-workers", "smoke-try-state")

    def plan(self) -> str:
        return "what it creates\n"

    def is_taken(self) -> bool:
        return self.taken

    def deploy(self) -> Cloud:
        self.done.append("deploy")
        if self.fails:
            raise self.fails
        return NO_CLOUD

    def destroy(self) -> Sequence[str]:
        self.done.append("destroy")
        return self.left


def run(stage: Stage, *facts: Fact[Any], out: io.StringIO | None = None, **given: bool) -> int:
    options = argparse.Namespace(name="try", local=False, keep=False, json=False)
    vars(options).update(given)
    return command.run(stage, facts=facts, given=options, out=out or io.StringIO())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name the stage"),
        (["--name", "Not A Name"], "name the stage"),
        (["--name", "local"], "not local"),
        (["--name", "try"], "name the account"),
        (["--name", "try", "--account", "12345"], "name the account"),
    ],
)
def test_without_a_name_and_an_account_nothing_is_begun(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(arguments) == 2
    assert said in capsys.readouterr().err


def test_settings_of_aws_that_cannot_be_used_are_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "not-there")

    assert command.main(["--name", "try", "--account", "1" * 12]) == 1
    assert "nothing was begun: The config profile (not-there)" in capsys.readouterr().err


@mock_aws
def test_credentials_of_another_account_are_refused() -> None:
    there = Account(endpoint_url="", region="eu-west-1", ca_bundle=Path(), log=Path(), pid=0)

    with pytest.raises(command.Refused, match="of account 123456789012, not"):
        command.confirmed(there, account="1" * 12)
    assert command.confirmed(there, account="123456789012") == there


def test_a_stage_that_is_there_already_is_left_alone() -> None:
    stage = Stage(taken=True)

    with pytest.raises(command.Refused):
        run(stage)

    assert stage.done == []


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (a_fact(), 0),
        (a_fact(holds=False), 1),
        (a_fact(fails=True), 1),
        (a_fact(here="lacking"), 0),
    ],
)
def test_it_destroys_and_ends_well_only_if_all_facts_hold(fact: Fact[bool], code: int) -> None:
    stage = Stage()

    assert run(stage, fact) == code
    assert stage.done == ["deploy", "destroy"]


@pytest.mark.parametrize("fails", [StackFailed("refused"), KeyboardInterrupt()])
def test_what_was_begun_is_destroyed_whatever_ends_it(fails: BaseException) -> None:
    stage = Stage(fails=fails)

    if isinstance(fails, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            run(stage)
    else:
        assert run(stage) == 1

    assert stage.done == ["deploy", "destroy"]


def test_who_stops_it_does_not_wait_for_the_slowest_fact() -> None:
    cloud = cast(Cloud, SimpleNamespace(over=threading.Event()))
    waits = replace(a_fact(), observe=lambda there: there.over.wait())
    coming = cast(Generator[Answer], answers([a_fact(), waits], cloud, place="aws"))

    first = next(coming)
    with pytest.raises(KeyboardInterrupt):
        coming.throw(KeyboardInterrupt())

    assert first.word == "proven"


def test_who_stops_it_has_no_further_replays_begun() -> None:
    """An archive that is being replayed would be deleted."""
    begun: list[object] = []
    events = SimpleNamespace(
        start_replay=lambda **asked: begun.append(asked),
        describe_archive=lambda **_named: {"ArchiveArn": "archive"},
        describe_event_bus=lambda **_named: {"Arn": "bus"},
    )
    over = threading.Event()

    def stops(poll: Callable[[], object], **_limits: float) -> object:
        over.set()
        return poll()

    stopped = SimpleNamespace(
        over=over,
        access=SimpleNamespace(events=lambda: events),
        names=SimpleNamespace(base="smoke-try"),
        laboratory=SimpleNamespace(heard=lambda _queue: ['{"detail-type": "BarcodeIssued"}']),
        until=stops,
    )

    assert replayed.observe(cast(Cloud, stopped)) == []
    assert len(begun) <= 1


def test_what_cannot_be_deleted_is_listed_with_its_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(Stage(left=["smoke-try-state"]), a_fact()) == 1
    assert "delete-stack --stack-name smoke-try-state" in capsys.readouterr().err


def test_on_request_it_is_kept_and_how_to_delete_it_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage = Stage()

    assert run(stage, a_fact(), keep=True) == 0
    assert stage.done == ["deploy"]
    said = capsys.readouterr().err
    assert [said.index(f"delete-stack --stack-name {name}") for name in stage.parts]


class Stacks:
    """CloudFormation of an account that has these stacks; `fails` is a code with which it ends."""

    def __init__(self, *there: str, fails: str = "") -> None:
        self._there = there
        self._fails = fails

    def describe_stacks(self, *, StackName: str) -> object:
        if self._fails or StackName not in self._there:
            code = self._fails or "ValidationError"
            raise ClientError({"Error": {"Code": code}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}


def a_stage(folder: Path, stacks: Stacks) -> AwsStage:
    access = cast(Access, SimpleNamespace(cloudformation=lambda: stacks))
    return AwsStage(
        name="try",
        access=access,
        tools=cdk_tools(Path("cdk")),
        folder=folder,
        secret_path="a-secret-path",
        pause=0,
    )


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        ("smoke-try-state", True),
        ("smoke-try-laboratory", True),
        ("smoke-try-simulators", True),
        ("smoke-try-2-state", False),
    ],
)
def test_a_stage_of_an_installation_of_the_same_name_is_none_of_its_own(
    there: str, taken: bool, tmp_path: Path
) -> None:
    assert a_stage(tmp_path, Stacks(there)).is_taken() is taken


def test_with_expired_credentials_all_that_may_be_there_is_listed(tmp_path: Path) -> None:
    left = a_stage(tmp_path, Stacks(fails="ExpiredToken")).destroy()

    assert {"smoke-try-laboratory", "smoke-try-ledger", "smoke-try-simulators"} < {*left}


def test_programs_go_to_its_own_file_whatever_the_shell_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$COUPONBUS_CONFIG" > {tmp_path}/asked\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("COUPONBUS_CONFIG", "the-shop.yaml")

    cdk_tools(Path("cdk")).apply_programs(tmp_path, "try")

    assert (tmp_path / "asked").read_text().strip() == str(tmp_path / "couponbus.yaml")


@pytest.mark.parametrize(
    ("place", "here", "holds", "word"),
    [
        ("aws", "known", True, "proven"),
        ("aws", "lacking", True, "proven"),
        ("aws", "played", False, "REFUTED"),
        ("engine", "known", True, "holds here"),
        ("engine", "known", False, "REFUTED"),
        ("engine", "played", True, "only AWS"),
        ("engine", "played", False, "REFUTED"),
        ("engine", "lacking", False, "only AWS"),
    ],
)
def test_only_aws_can_prove_and_the_engine_says_what_it_cannot_know(
    place: Place, here: Here, holds: bool, word: str
) -> None:
    assert answered(a_fact(holds=holds, here=here), NO_CLOUD, place=place).word == word


@pytest.mark.parametrize("width", [80, 60])
def test_the_table_fits_a_narrow_terminal(width: int) -> None:
    out = io.StringIO()

    show([answered(a_fact(holds=False), NO_CLOUD, place="aws")], file=out, width=width)

    assert "REFUTED" in out.getvalue()
    assert max(map(len, out.getvalue().splitlines())) <= width


def test_the_answers_can_be_had_as_json() -> None:
    out = io.StringIO()

    run(Stage(), a_fact(), out=out, json=True)

    [answer] = json.loads(out.getvalue())
    assert (answer["word"], answer["sentence"]) == ("proven", "It is so")
