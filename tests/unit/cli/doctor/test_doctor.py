"""`couponbus doctor`: a line for each check, and 1 where one of them is a problem."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError

from couponbus_cli.app.table_settings import TableSettings
from couponbus_cli.app.triggers import STREAM, Part
from couponbus_cli.doctor.answers import (
    Concurrency,
    DeployedStacks,
    StoredSecret,
    Subscription,
)
from tests.unit.cli.doctor.answering import (
    DEPLOYED,
    TRIGGERS,
    WELL,
    FakeAnswers,
    a_trigger,
    nothing_deployed,
)
from tests.unit.cli.stage import FakeStage

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "?"}}, "Ask")
TABLE_ELSEWHERE = replace(WELL, stream="arn:of:another")
STOPPED = (a_trigger("signups", state="Disabled"), *TRIGGERS[1:])


def examined(answers: FakeAnswers) -> tuple[int, Mapping[str, Mapping[str, str]]]:
    """Run it on prod; return its code, and the findings by check."""
    code, data = FakeStage(answers=answers).run_json("doctor", "--stage", "prod")
    findings = cast("list[dict[str, str]]", data["findings"])
    return code, {each["check"]: each for each in findings}


def verdict_of(check: str, answers: FakeAnswers) -> tuple[int, str]:
    code, found = examined(answers)
    return code, found[check]["verdict"]


def test_a_stage_that_is_well_has_a_line_for_each_check() -> None:
    outcome = FakeStage().run("doctor", "--stage", "prod")

    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * 11
    assert lines[0] == "ok        account: 123456789012 in eu-west-1"


def test_its_json_has_the_same_keys_whatever_it_finds() -> None:
    for answers in (FakeAnswers(), nothing_deployed(), FakeAnswers(fails={"stacks": DENIED})):
        _, data = FakeStage(answers=answers).run_json("doctor", "--stage", "prod")
        findings = cast("list[dict[str, str]]", data["findings"])
        assert list(data) == ["stage", "well", "findings"]
        assert {tuple(each) for each in findings} == {("check", "verdict", "text", "do")}
        assert [each["check"] for each in findings] == [
            "account",
            "clock",
            "bootstrap",
            "concurrency",
            "quotas",
            "stacks",
            "secrets",
            "alarms",
            "table",
            "triggers",
            "providers",
        ]


def test_before_the_first_deployment_the_account_is_examined_and_the_rest_not_known() -> None:
    code, found = examined(nothing_deployed())

    verdicts = {name: each["verdict"] for name, each in found.items()}
    of_the_account = {"account", "clock", "bootstrap", "concurrency", "quotas"}
    assert code == 0
    assert {name for name, verdict in verdicts.items() if verdict == "ok"} >= of_the_account
    assert {verdicts[name] for name in ("stacks", "secrets", "alarms", "table", "triggers")} == {
        "not_known"
    }


def test_a_new_account_may_run_too_few_functions_at_once_before_anything_is_deployed() -> None:
    answers = nothing_deployed()
    answers.limits = Concurrency(limit=10, unreserved=10)

    assert verdict_of("concurrency", answers) == (1, "problem")


@pytest.mark.parametrize(("unreserved", "verdict"), [(22, "problem"), (23, "warning"), (46, "ok")])
def test_what_the_triggers_start_at_once_must_fit_the_account(
    unreserved: int, verdict: str
) -> None:
    limits = Concurrency(limit=1000, unreserved=unreserved)  # 4 triggers of 5, and 3 ticks

    assert verdict_of("concurrency", FakeAnswers(limits=limits))[1] == verdict


def test_what_functions_of_the_stage_have_reserved_is_theirs() -> None:
    limits = Concurrency(limit=1000, unreserved=22, ours=30)

    assert verdict_of("concurrency", FakeAnswers(limits=limits))[1] == "ok"


@pytest.mark.parametrize(("version", "code"), [(None, 1), (5, 1), (6, 0)])
def test_the_bootstrap_stack_must_be_new_enough(version: int | None, code: int) -> None:
    assert examined(FakeAnswers(version=version))[0] == code


def test_the_qualifier_of_the_bootstrap_stack_may_be_another() -> None:
    stage = FakeStage()

    stage.run("doctor", "--stage", "prod", "--qualifier", "ours")

    assert "bootstrap ours" in stage.answers.asked


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(29, "ok"), (-31, "warning"), (301, "problem"), (None, "not_known")]
)
def test_the_clock_of_this_machine_is_compared(seconds: float | None, verdict: str) -> None:
    ahead = None if seconds is None else timedelta(seconds=seconds)

    assert verdict_of("clock", FakeAnswers(ahead=ahead))[1] == verdict


def test_low_quotas_are_a_warning_with_their_codes() -> None:
    code, found = examined(FakeAnswers(quotas={"events": 400.0}))

    assert (code, found["quotas"]["verdict"]) == (0, "warning")
    assert "L-9B653E91 to 600" in found["quotas"]["do"]


def test_a_key_that_was_never_put_in_is_a_problem_and_what_we_generate_for_callers_is_not() -> None:
    stored = [
        StoredSecret(name="coniq/main", versions=1),
        StoredSecret(name="koupon/main", versions=2),
        StoredSecret(name="sign-ups", versions=1),
    ]

    code, found = examined(FakeAnswers(stored=stored))

    assert (code, found["secrets"]["verdict"]) == (1, "problem")
    assert "coniq/main" in found["secrets"]["text"]
    assert "koupon" not in found["secrets"]["text"]
    assert "sign-ups" not in found["secrets"]["text"]


@pytest.mark.parametrize(
    ("confirmed", "verdict"), [([], "problem"), ([False], "problem"), ([True, False], "warning")]
)
def test_alarms_that_no_subscriber_has_confirmed_ring_unheard(
    confirmed: list[bool], verdict: str
) -> None:
    subscribed = [Subscription(protocol="email", confirmed=each) for each in confirmed]

    assert verdict_of("alarms", FakeAnswers(subscribed=subscribed))[1] == verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("UPDATE_ROLLBACK_FAILED", "problem"), ("UPDATE_IN_PROGRESS", "warning")],
)
def test_a_stack_that_is_not_as_it_was_deployed_is_named(status: str, verdict: str) -> None:
    stacked = DeployedStacks(statuses={**DEPLOYED, "workers": status}, paused=frozenset())

    assert verdict_of("stacks", FakeAnswers(stacked=stacked))[1] == verdict


def test_a_stage_of_which_a_stack_is_missing_is_a_problem() -> None:
    stacked = DeployedStacks(statuses={"state": "CREATE_COMPLETE"}, paused=None)

    assert verdict_of("stacks", FakeAnswers(stacked=stacked)) == (1, "problem")


@pytest.mark.parametrize(
    "settings",
    [
        None,
        TableSettings(stream=None, ttl=True, recovery=True, protection=True),
        replace(WELL, ttl=False),
        replace(WELL, recovery=False),
        TABLE_ELSEWHERE,
    ],
)
def test_a_table_that_was_lost_or_restored_and_not_completed_is_a_problem(
    settings: TableSettings | None,
) -> None:
    assert verdict_of("table", FakeAnswers(settings=settings)) == (1, "problem")


def test_what_was_stopped_by_hand_is_drift_with_the_command_that_starts_it() -> None:
    code, found = examined(FakeAnswers(mapped=STOPPED))

    assert (code, found["triggers"]["verdict"]) == (1, "problem")
    assert found["triggers"]["do"] == "couponbus start issuing"


def test_the_stream_is_only_stopped_for_a_restore() -> None:
    mapped = [replace(each, state="Disabled") for each in TRIGGERS if each.source == STREAM]

    _, found = examined(FakeAnswers(mapped=mapped))

    assert "couponbus restore start" in found["triggers"]["do"]


def test_what_the_stage_pauses_is_not_drift_and_is_when_it_runs() -> None:
    stacked = DeployedStacks(statuses=DEPLOYED, paused=frozenset({Part.ISSUING}))

    paused = examined(FakeAnswers(stacked=stacked, mapped=STOPPED))
    runs = examined(FakeAnswers(stacked=stacked))

    assert (paused[0], paused[1]["triggers"]["verdict"]) == (0, "warning")
    assert "paused in the stage: issuing" in paused[1]["triggers"]["text"]
    assert "and runs: signups" in runs[1]["triggers"]["text"]


def test_a_provider_that_does_not_answer_here_may_answer_the_functions() -> None:
    silent = {"https://api.example.com": "connect timeout"}

    code, found = examined(FakeAnswers(silent=silent))

    assert (code, found["providers"]["verdict"]) == (0, "warning")
    assert "coniq main (connect timeout)" in found["providers"]["text"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DENIED, "needed: secretsmanager:ListSecrets"),
        (ConnectTimeoutError(endpoint_url="https://x"), "does not answer"),
        (KeyError("secret-text"), "internal error in couponbus: KeyError"),
    ],
)
def test_a_check_that_fails_is_a_line_and_the_others_are_there(error: Exception, said: str) -> None:
    code, found = examined(FakeAnswers(fails={"secrets": error}))

    assert (code, len(found)) == (0, 11)
    assert found["secrets"]["verdict"] == "not_known"
    assert said in found["secrets"]["text"]
    assert "secret-text" not in found["secrets"]["text"]


def test_without_credentials_there_is_one_sentence() -> None:
    answers = FakeAnswers(fails={"account": NoCredentialsError()})

    outcome = FakeStage(answers=answers).run("doctor", "--stage", "prod")

    assert (outcome.code, outcome.out) == (3, "")
    assert "no usable AWS credentials" in outcome.err


def test_what_several_checks_need_is_asked_once() -> None:
    answers = FakeAnswers()

    examined(answers)

    for question in ("triggers", "stacks", "https://api.example.com"):
        assert answers.asked.count(question) == 1
