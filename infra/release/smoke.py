"""Asks a stage that was just deployed whether it works: `python -m infra.release.smoke`.

It leaves nothing behind but one count of a wrong signature, twenty of which ring an alarm.
"""

import argparse
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import boto3

from couponbus_config.names import Names
from infra.release.stage_names import names_of

# Each minute they read the table and its indexes, with the role and the settings of the version.
TICKS = ("schedule_polls", "sweep_due")
PATH, BODY = "/sign-ups", b"{}"
FORGED = 401
EVERY_SECONDS = 15
WITHIN_SECONDS = 420  # CloudWatch shows an invocation within minutes
TIMEOUT_SECONDS = 35  # the API's own is 29


class Stage(Protocol):
    """What is asked of a deployed stage, and the time that passes."""

    def answer(self) -> int:
        """Return the status with which the HTTP API answers a sign-up that is signed wrongly."""

    def counted(self, metric: str, function: str, since: datetime) -> float:
        """Return the sum of a metric of Lambda since then."""

    def now(self) -> datetime:
        """Return the time."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""


def main(arguments: Sequence[str] | None = None, *, stage: Stage | None = None) -> int:
    """Print a line for each question; return 1 if an answer is wrong, or none comes."""
    parser = argparse.ArgumentParser(prog="infra.release.smoke", description=__doc__)
    names = names_of(parser, arguments)
    if stage is None:
        stage = Deployed(
            names=names,
            stacks=boto3.client("cloudformation"),
            metrics=boto3.client("cloudwatch"),
        )
    answers = [*_answers(stage)]
    sys.stdout.writelines(f"{said}: {line}\n" for said, line in answers)
    return 0 if all(said == "ok" for said, _ in answers) else 1


def _answers(stage: Stage) -> Iterator[tuple[str, str]]:
    # CloudWatch counts whole minutes, and the old version may have run in this one.
    begun = stage.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    status = stage.answer()
    right = "ok" if status == FORGED else "wrong"
    yield right, f"a forged sign-up is answered {status or 'nothing'}, which should be {FORGED}"
    for function in TICKS:
        yield _ticked(stage, function, begun)


def _ticked(stage: Stage, function: str, begun: datetime) -> tuple[str, str]:
    """Wait for one invocation of a schedule; an error of it is an answer too."""
    while True:
        # In this order: an error is shown with its invocation, not before.
        started = stage.counted("Invocations", function, begun)
        failed = stage.counted("Errors", function, begun)
        if failed:
            return "wrong", f"{function} failed {failed:.0f} of {started:.0f} times"
        if started:
            return "ok", f"{function} has run {started:.0f} times since"
        if stage.now() - begun > timedelta(seconds=WITHIN_SECONDS):
            return "wrong", f"{function} did not run within {WITHIN_SECONDS} seconds"
        stage.wait(EVERY_SECONDS)


def forged(now: datetime) -> dict[str, str]:
    """Return the headers of a sign-up that has all of them, and a signature of no key."""
    seconds = f"{now.timestamp():.0f}"
    return {
        "webhook-id": f"smoke-{seconds}",
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{'A' * 43}=",
    }


class Deployed:
    """A stage on AWS, asked with credentials that may only read."""

    def __init__(self, *, names: Names, stacks: Any, metrics: Any) -> None:
        self._names, self._stacks, self._metrics = names, stacks, metrics

    def answer(self) -> int:
        """Return the status, 0 for a connection that cannot be made."""
        request = urllib.request.Request(  # noqa: S310 - the URL is an output of ours
            self._url() + PATH,
            data=BODY,
            method="POST",
            headers=forged(self.now()),
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def _url(self) -> str:
        stack = self._stacks.describe_stacks(StackName=self._names.of("workers"))
        outputs = stack["Stacks"][0]["Outputs"]
        found: list[str] = [
            each["OutputValue"] for each in outputs if each["OutputKey"] == "CallbacksUrl"
        ]
        return found[0].rstrip("/")

    def counted(self, metric: str, function: str, since: datetime) -> float:
        """Return the sum over whole minutes."""
        answer = self._metrics.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[{"Name": "FunctionName", "Value": self._names.of(function)}],
            StartTime=since,
            EndTime=self.now() + timedelta(minutes=2),
            Period=60,
            Statistics=["Sum"],
        )
        return float(sum(each["Sum"] for each in answer["Datapoints"]))

    def now(self) -> datetime:
        """Return the clock's time."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


if __name__ == "__main__":
    sys.exit(main())
