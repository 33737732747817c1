"""The runbook has a section for each alarm, and names commands that exist."""

import re

import pytest
from botocore import xform_name
from botocore.session import get_session
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from couponbus_cli.app.stage import Stage
from couponbus_cli.main import app
from couponbus_cli.page.needs import need_of
from couponbus_cli.status.measured import Ringing
from infra.sources import ROOT
from tests.fakes.clock import NOON
from tests.infra.alarms import alarms
from tests.infra.assembly import Assembly

DESCRIPTION = re.compile(r"[^.]+[^. ]\. runbook: ([a-z0-9-]+)")
COMMAND = re.compile(r"`((?:couponbus|aws) [^`]+)`")
PART = re.compile(r"^\* \*\*(\w+)\*\*: ", flags=re.MULTILINE)
PARTS = ["Means", "Look", "Do", "Over"]
RUNBOOK = (ROOT / "infra" / "RUNBOOK.md").read_text(encoding="utf-8")
_PARTED = re.split(r"^### (.+)$", RUNBOOK, flags=re.MULTILINE)
SECTIONS = dict(zip(_PARTED[1::2], _PARTED[2::2], strict=True))
COMMANDS = sorted(
    {" ".join(found.split()) for text in SECTIONS.values() for found in COMMAND.findall(text)}
)
AWS_COMMANDS = [one for one in COMMANDS if one.startswith("aws ")]
OF_THE_CLI = {("logs", "tail"): {"since"}}  # it is no operation of the service


def test_each_alarm_is_a_sentence_with_a_section_and_each_section_has_an_alarm(
    dev: Assembly,
) -> None:
    described = {
        name: DESCRIPTION.fullmatch(alarm["AlarmDescription"])
        for name, alarm in alarms(dev).items()
    }

    assert [name for name, found in described.items() if found is None] == []
    named = {found[1] for found in described.values() if found}
    # The alarm of a setting that dev does not have.
    assert named | {"sign-ups-missing"} == SECTIONS.keys()


def test_status_has_a_command_to_look_with_for_each_alarm_that_rings(dev: Assembly) -> None:
    groups = {each.properties["LogGroupName"] for each in dev.of("AWS::Logs::LogGroup")}
    deployed = groups | {alarm["AlarmName"] for alarm in alarms(dev).values()}

    commands = {
        name: commands_of(Ringing(name=name, since=NOON, why=alarm["AlarmDescription"]))
        for name, alarm in alarms(dev).items()
    }

    unusable = {
        name: found
        for name, found in commands.items()
        if not any(part in deployed for command in found for part in command.split())
    }
    assert unusable == {}


def commands_of(ringing: Ringing) -> list[str]:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    need = ringing.need(NOON, stage=Stage("dev"))
    return [each for each in need_of(need, root=root, stage="dev").commands if "aws" in each]


def test_a_section_says_what_it_means_where_to_look_what_to_do_and_when_it_is_over() -> None:
    said = {name: PART.findall(text) for name, text in SECTIONS.items()}

    assert {name: parts for name, parts in said.items() if parts != PARTS} == {}


def test_what_the_runbook_names_is_deployed_under_that_name(prod: Assembly) -> None:
    deployed = {
        str(value)
        for resource in prod.everything
        for key, value in resource.properties.items()
        if key.endswith("Name")
    }
    named = set(re.findall(r"(?:/aws/\w+/)?couponbus-prod[\w-]*", RUNBOOK))

    assert named
    assert {name for name in named if not name.endswith("FUNCTION")} <= deployed
    assert {name.replace("FUNCTION", "sweep_due") for name in named} <= deployed


def test_what_the_runbook_refers_to_is_a_heading_of_the_readme() -> None:
    readme = (ROOT / "infra" / "README.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^##+ (.+)$", readme, flags=re.MULTILINE))
    referred = set(re.findall(r'`README\.md`, "([^"]+)"', RUNBOOK))

    assert referred
    assert referred <= headings


@pytest.mark.parametrize("command", AWS_COMMANDS)
def test_an_aws_command_of_the_runbook_is_an_operation_with_these_options(command: str) -> None:
    _, service, operation, *_ = command.split()

    known = OF_THE_CLI.get((service, operation)) or options_of(service, operation)

    assert set(re.findall(r"--([a-z-]+)", command)) <= known


def options_of(service: str, operation: str) -> set[str]:
    model = get_session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(names[operation]).input_shape
    return {xform_name(name, "-") for name in shape.members} if shape else set()


@pytest.mark.parametrize("command", sorted({*COMMANDS} - {*AWS_COMMANDS}))
def test_a_command_of_the_runbook_exists_with_its_options(command: str) -> None:
    words, options = path_of(command.split()[1:]), re.findall(r"--[a-z-]+", command)

    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})

    assert words
    assert shown.exit_code == 0, shown.output
    assert [one for one in options if one not in shown.output] == []


def path_of(words: list[str]) -> list[str]:
    """Return the words that lead to a command, which what follows are arguments of."""
    found: object = get_command(app)
    path: list[str] = []
    for word in words:
        if not isinstance(found, TyperGroup):
            break
        assert word in found.commands, word
        found = found.commands[word]
        path.append(word)
    assert not isinstance(found, TyperGroup), words
    return path
