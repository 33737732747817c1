"""`couponbus watch add` checks every line first, and sends all or nothing."""

import io
import json
import os
import threading
from pathlib import Path

import pytest

from couponbus.domain.polling.cohort import CohortSize
from couponbus.domain.provider import Provider
from couponbus.events.commands import CUSTOMERS_PER_COMMAND, WatchCustomers
from couponbus_cli.app.progress import progress
from tests.factories import any_program
from tests.fakes.programs import MemoryPrograms
from tests.unit.cli.stage import FakeDeployment, FakeStage, a_poll_account
from tests.unit.cli.watches import a_watching_program, an_active_watch

HEADER = "reference,uniqodo_user_id\n"


@pytest.fixture
def stage() -> FakeStage:
    return FakeStage(programs=MemoryPrograms(a_watching_program(), any_program(seed=1)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(HEADER + "a-1,secret-1\na-2,secret-2\n")
    return path


def add(stage: FakeStage, *arguments: str) -> tuple[int, str]:
    outcome = stage.run("watch", "add", "--program", "watched", *arguments)
    return outcome.code, outcome.out + outcome.err


def references(stage: FakeStage) -> list[list[str]]:
    """Return the references of each command."""
    commands = [each for each in stage.polls.sent if isinstance(each, WatchCustomers)]
    return [[customer.reference for customer in each.customers] for each in commands]


def test_good_lines_are_sent_to_the_queue_of_polls(stage: FakeStage, file: Path) -> None:
    code, said = add(stage, str(file))

    [command] = stage.polls.sent
    assert isinstance(command, WatchCustomers)
    assert (command.program, command.tenant) == ("watched", "default")
    assert [each.uniqodo_user_id for each in command.customers] == ["secret-1", "secret-2"]
    assert (code, "Good lines: 2; sent: 2." in said) == (0, True)
    assert "secret" not in said


def test_a_long_file_goes_in_commands_of_bounded_size(stage: FakeStage, file: Path) -> None:
    file.write_text(HEADER + "".join(f"a-{number},u\n" for number in range(1003)))

    code, said = add(stage, str(file), "--tenant", "brand")

    sizes = [len(names) for names in references(stage)]
    assert code == 0
    assert sum(sizes) == 1003
    assert max(sizes) == CUSTOMERS_PER_COMMAND
    assert references(stage)[0][0] == "a-0"
    assert references(stage)[-1][-1] == "a-1002"
    assert "watch add: 1,003 of 1,003" in said


def test_a_tenant_that_cannot_be_seen_is_refused(stage: FakeStage, file: Path) -> None:
    assert add(stage, str(file), "--tenant", "north\u200b")[0] == 2
    assert add(stage, str(file), "--tenant", " ")[0] == 2
    assert references(stage) == []


def test_one_bad_line_holds_everything_back(stage: FakeStage, file: Path) -> None:
    file.write_text(HEADER + "a-1,secret-1\n,secret-2\na-1,secret-3\n")

    code, said = add(stage, str(file))
    json_code, data = stage.run_json("watch", "add", str(file), "--program", "watched")

    assert (code, json_code) == (1, 1)
    assert "customers.csv:3: reference: needs 1 to 128 printable characters" in said
    assert "customers.csv:4: reference: is also in an earlier line" in said
    assert "bad lines: 2, good ones: 1; nothing was sent (--skip-invalid sends" in said
    assert "secret" not in said + json.dumps(data)
    error = data["error"]
    assert isinstance(error, dict)
    assert [each["line"] for each in error["details"]] == [3, 4]
    assert stage.polls.sent == []


def test_bad_lines_can_be_left_out_and_still_need_attention(stage: FakeStage, file: Path) -> None:
    file.write_text(HEADER + "a-1,u\n" + ",u\n" * 105)

    code, said = add(stage, str(file), "--skip-invalid")

    assert code == 1
    assert references(stage) == [["a-1"]]
    assert "... and 5 more" in said
    assert "Good lines: 1, bad lines left out: 105; sent: 1." in said


def test_a_dry_run_only_counts(stage: FakeStage, file: Path) -> None:
    code, data = stage.run_json("watch", "add", str(file), "--program", "watched", "--dry-run")

    assert code == 0
    counted = {"file": "customers.csv", "good": 2, "bad": 0, "sent": 0}
    assert data == {**counted, "faults": [], "warnings": []}
    assert stage.polls.sent == []


def with_budget(calls_per_day: int, *, watched: int) -> FakeStage:
    cohort = an_active_watch().age_cohort
    assert cohort is not None
    return FakeStage(
        programs=MemoryPrograms(a_watching_program(), any_program(seed=1)),
        deployment=FakeDeployment(
            polls=(a_poll_account(Provider.UNIQODO, calls_per_day=calls_per_day),)
        ),
        crowds=[CohortSize(cohort=cohort, watches=watched)],
    )


def test_more_than_the_budget_carries_is_sent_with_a_warning(file: Path) -> None:
    file.write_text(HEADER + "".join(f"a-{number},u\n" for number in range(60)))
    stage = with_budget(30, watched=5)

    outcome = stage.run("watch", "add", str(file), "--program", "watched")
    _, data = stage.run_json("watch", "add", str(file), "--program", "watched", "--dry-run")

    warning = (
        "uniqodo main: the call budget carries 25 watches at a rest of 2 d, and 65 would be"
        " watched (5 are now): they rest for longer, and the first polls of the new ones take"
        " 2 d or more. Raise calls_per_day or max_interval_hours, or add fewer"
    )
    assert outcome.code == 0
    assert f"Warning: {warning}." in " ".join(outcome.err.split())
    assert data["warnings"] == [warning]
    assert sum(len(names) for names in references(stage)) == 60


def test_what_the_budget_carries_is_added_without_a_word(file: Path) -> None:
    outcome = with_budget(30, watched=23).run("watch", "add", str(file), "--program", "watched")

    assert (outcome.code, "Warning" in outcome.err) == (0, False)


def test_standard_input_is_read_in_the_format_that_is_named(stage: FakeStage) -> None:
    arguments = ("watch", "add", "-", "--program", "watched")
    line = '{"reference": "a-1", "uniqodo_user_id": "u-1"}'

    read = stage.run(*arguments, "--format", "jsonl", typed=line)
    unnamed = stage.run(*arguments, typed=line)

    assert (read.code, unnamed.code) == (0, 2)
    assert references(stage) == [["a-1"]]
    assert "give --format csv or jsonl" in unnamed.err


def test_what_comes_through_a_pipe_is_checked_whole_too(stage: FakeStage, tmp_path: Path) -> None:
    pipe = tmp_path / "customers.jsonl"
    os.mkfifo(pipe)
    lines = '{"reference": "a-1", "uniqodo_user_id": "u-1"}\n{"reference": ""}\n'
    writer = threading.Thread(target=lambda: pipe.write_text(lines), daemon=True)
    writer.start()

    code, said = add(stage, str(pipe))

    writer.join(10)
    assert code == 1
    assert "customers.jsonl:2: reference" in said
    assert stage.polls.sent == []


def test_an_interrupted_run_says_how_far_it_came_and_can_be_repeated(
    stage: FakeStage, file: Path
) -> None:
    stage.polls.will_fail()

    code, said = add(stage, str(file))
    again, _ = add(stage, str(file))

    assert (code, again) == (3, 0)
    assert "AWS does not answer (ReadTimeoutError); 0 of 2 customers were sent: run it" in said
    assert references(stage) == [["a-1", "a-2"]]


@pytest.mark.parametrize(
    ("name", "said"),
    [("missing", "there is no program missing"), (any_program(seed=1).name, "watches nothing")],
)
def test_the_program_must_be_there_and_watch_something(
    stage: FakeStage, file: Path, name: str, said: str
) -> None:
    outcome = stage.run("watch", "add", str(file), "--program", name)

    assert outcome.code == 1
    assert said in outcome.err


def test_a_file_that_cannot_be_read_is_an_invalid_input(stage: FakeStage, file: Path) -> None:
    file.write_text("ann,secret\n")

    headless = add(stage, str(file))
    missing = add(stage, "no-such-file.csv")

    assert (headless[0], missing[0]) == (1, 1)
    assert "customers.csv:1: column 1 has an unknown name" in headless[1]
    assert "no-such-file.csv cannot be read: No such file or directory" in missing[1]


def test_a_file_without_customers_sends_nothing(stage: FakeStage, file: Path) -> None:
    file.write_text(HEADER)

    assert add(stage, str(file)) == (0, "Good lines: 0; sent: 0.\n")
    assert stage.polls.sent == []


def test_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)

    with progress("watch add", total=4) as advance:
        advance(1)
        advance(3)

    assert "watch add" in terminal.getvalue()
    assert "4/4" in terminal.getvalue()
