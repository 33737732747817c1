"""After a deployment the API and the ticks are asked, and what is wrong is said."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from moto import mock_aws

from couponbus.usecases.inbound.receive_callback import SIGN_UPS
from couponbus.usecases.invocation import Metric
from couponbus_config.names import Names
from infra.declared import ScheduleTrigger
from infra.functions import FUNCTIONS
from infra.release import smoke
from tests.infra.stages import DEV, SAMPLES
from tests.unit.usecases.inbound.receiving_world import ReceivingWorld

BEGUN = datetime(2026, 1, 31, 12, tzinfo=UTC)


@dataclass
class FakeStage:
    """A stage whose functions run, and perhaps fail, some seconds after BEGUN.

    CloudWatch counts from the whole minute on, and shows both metrics of an invocation at once,
    which may be between two questions.
    """

    status: int = 401
    runs_after: dict[str, int] = field(default_factory=lambda: dict.fromkeys(smoke.TICKS, 60))
    failing: str | None = None
    moment: datetime = BEGUN

    def answer(self) -> int:
        return self.status

    def counted(self, metric: str, function: str, since: datetime) -> float:
        ran = BEGUN + timedelta(seconds=self.runs_after[function])
        runs = int(since.replace(second=0) <= ran <= self.moment)
        self.moment += timedelta(seconds=1)
        return runs if metric == "Invocations" or function == self.failing else 0

    def now(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def said(stage: smoke.Stage, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = smoke.main(["--stage", "dev", "--config", str(SAMPLES / "shop.yaml")], stage=stage)
    return code, capsys.readouterr().out


def test_a_stage_that_answers_and_ticks_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = said(FakeStage(), capsys)

    assert code == 0 and lines.count("ok: ") == 1 + len(smoke.TICKS)


@pytest.mark.parametrize(
    ("stage", "line"),
    [
        (FakeStage(status=502), "wrong: a forged sign-up is answered 502"),
        (FakeStage(status=202), "wrong: a forged sign-up is answered 202"),
        (FakeStage(status=0), "wrong: a forged sign-up is answered nothing"),
        (FakeStage(failing="sweep_due"), "wrong: sweep_due failed 1 of 1 times"),
        (
            FakeStage(runs_after={"schedule_polls": 9_999, "sweep_due": 60}),
            "wrong: schedule_polls did not run within 420 seconds",
        ),
    ],
)
def test_what_is_wrong_is_said(
    stage: FakeStage, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = said(stage, capsys)

    assert code == 1 and line in lines


def test_the_forged_sign_up_gets_past_all_but_the_signature_and_leaves_nothing() -> None:
    world = ReceivingWorld()

    reception = world.post(smoke.BODY, smoke.forged(world.clock.now()))

    assert reception.answer.status == smoke.FORGED
    assert reception.counts == {Metric.REFUSED_FORGED: 1}
    assert smoke.PATH == SIGN_UPS


def test_an_error_that_is_shown_between_two_questions_is_seen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for second in range(60, 80):
        stage = FakeStage(runs_after=dict.fromkeys(smoke.TICKS, second), failing=smoke.TICKS[0])

        assert said(stage, capsys)[0] == 1, second


def test_what_ran_in_the_minute_before_the_question_may_be_the_old_version(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage = FakeStage(runs_after=dict.fromkeys(smoke.TICKS, 5), moment=BEGUN + timedelta(seconds=9))

    code, lines = said(stage, capsys)

    assert code == 1 and "did not run within" in lines


def test_the_functions_that_run_each_minute_are_asked() -> None:
    each_minute = {
        function.name
        for function in FUNCTIONS
        for trigger in function.triggers
        if isinstance(trigger, ScheduleTrigger) and trigger.expression(DEV) == "rate(1 minute)"
    }

    assert set(smoke.TICKS) == each_minute


class Refusing(BaseHTTPRequestHandler):
    """Answers as the API does to a wrong signature, and to no signature at all."""

    def do_POST(self) -> None:
        signed = {"webhook-id", "webhook-timestamp", "webhook-signature"} <= {
            name.lower() for name in self.headers
        }
        self.send_response(401 if signed and self.path == smoke.PATH else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@dataclass(frozen=True)
class Stacks:
    """CloudFormation with the one stack that has an API."""

    url: str

    def describe_stacks(self, *, StackName: str) -> dict[str, object]:
        outputs = [{"OutputKey": "CallbacksUrl", "OutputValue": f"{self.url}/"}]
        assert StackName == "couponbus-dev-workers"
        return {"Stacks": [{"Outputs": outputs}]}


@pytest.fixture
def api() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_deployed_stage_is_asked_by_its_names(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        metrics = boto3.client("cloudwatch")
        metrics.put_metric_data(
            Namespace="AWS/Lambda",
            MetricData=[
                {
                    "MetricName": "Invocations",
                    "Dimensions": [{"Name": "FunctionName", "Value": "couponbus-dev-sweep_due"}],
                    "Value": 2,
                }
            ],
        )
        stage = smoke.Deployed(names=Names(stage="dev"), stacks=Stacks(url=api), metrics=metrics)
        since = stage.now() - timedelta(minutes=5)

        assert stage.answer() == 401
        assert stage.counted("Invocations", "sweep_due", since) == 2
        assert stage.counted("Errors", "sweep_due", since) == 0
