"""The handler of schedule_polls: a tick in, commands and metrics out."""

from datetime import UTC, datetime, timedelta

from couponbus.events.commands import PollSpans
from couponbus.usecases.polling.schedule_polls import SchedulePolls, ScheduleReport
from functions.schedule_polls.handler import handler
from tests.functions.invocation import FakeContext, Output
from tests.functions.polling_harness import PollingHarness


class Reporter(SchedulePolls):
    """Records its deadline and answers as configured."""

    __setattr__ = object.__setattr__  # the real service is frozen, this fake records

    def __init__(self, report: ScheduleReport) -> None:
        self.report = report
        self.deadlines: list[datetime] = []

    def handle(self, *, deadline: datetime) -> ScheduleReport:
        self.deadlines.append(deadline)
        return self.report


def test_a_tick_sends_the_polls_due_since_the_last_one() -> None:
    harness = PollingHarness(minutes=10)
    harness.polls.sent.clear()

    counts = handler(
        {"time": "2026-06-01T12:00:00Z"}, FakeContext(), service=harness.schedule_polls
    )

    assert [type(command) for command in harness.polls.sent] == [PollSpans] * len(
        harness.polls.sent
    )
    assert harness.polls.sent
    assert counts["Scheduled"] == 1
    assert counts["Commands"] == len(harness.polls.sent)
    assert counts["LagSeconds"] == 600


def test_every_figure_of_a_tick_becomes_a_metric(output: Output) -> None:
    report = ScheduleReport(
        spans=5,
        watches_expected=812.5,
        commands=3,
        lag_seconds=61.5,
        throttled=2,
        exceeded=1,
        paused=4,
    )

    handler({}, FakeContext(), service=Reporter(report))

    printed = output.read()
    assert [line["message"] for line in printed.logs] == ["scheduled"]
    assert printed.only_metrics == {
        "Scheduled": 1,
        "Spans": 5,
        "WatchesExpected": 812.5,
        "Commands": 3,
        "LagSeconds": 61.5,
        "Throttled": 2,
        "BudgetExceeded": 1,
        "AccountsPaused": 4,
    }
    assert "{'Name': 'LagSeconds', 'Unit': 'Seconds'}" in str(printed.metrics[0]["_aws"])


def test_a_tick_that_comes_twice_shows_that_it_came_and_sends_nothing() -> None:
    harness = PollingHarness()
    handler({}, FakeContext(), service=harness.schedule_polls)
    harness.polls.sent.clear()

    counts = handler({}, FakeContext(), service=harness.schedule_polls)

    assert counts == {"Scheduled": 1, "Skipped": 1}
    assert harness.polls.sent == []


def test_a_tick_that_cannot_reach_the_ledger_is_reported_and_left_to_the_next_one(
    output: Output,
) -> None:
    harness = PollingHarness()
    harness.cohorts.will_fail("sizes")

    handler({}, FakeContext(), service=harness.schedule_polls)

    printed = output.read()
    (error,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert (error["message"], error["error"]) == ("tick failed", "sizes: ReadTimeoutError")
    # The alarm is on missing data in the count of ticks.
    assert printed.only_metrics == {"Failed": 1}


def test_what_a_failed_tick_left_undone_is_done_by_the_next() -> None:
    harness = PollingHarness(minutes=10)
    harness.polls.sent.clear()
    harness.cohorts.will_fail("sizes")
    handler({}, FakeContext(), service=harness.schedule_polls)
    harness.clock.pass_time(61)

    counts = handler({}, FakeContext(), service=harness.schedule_polls)

    assert counts["LagSeconds"] == 661
    assert counts["Commands"] == len(harness.polls.sent) > 0


def test_a_tick_ends_when_its_invocation_does() -> None:
    job = Reporter(ScheduleReport())
    before = datetime.now(UTC)

    handler({}, FakeContext(milliseconds=42_000), service=job)

    (deadline,) = job.deadlines
    assert timedelta(seconds=41) < deadline - before < timedelta(seconds=43)


def test_a_cohort_that_cannot_be_read_is_alarmed_and_stops_no_other(output: Output) -> None:
    harness = PollingHarness(minutes=10)
    harness.polls.sent.clear()
    harness.cohorts.broken.add("A#uniqodo-of-next#1")

    counts = handler({}, FakeContext(), service=harness.schedule_polls)

    assert harness.polls.sent
    assert counts["BrokenRows"] == 1
    printed = output.read()
    alarm = next(line for line in printed.logs if line["message"] == "rows broken")
    assert "A#uniqodo-of-next#1" in str(alarm)
