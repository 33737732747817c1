"""`couponbus synth`: what it refuses, and what it asks of the tree that it has."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from couponbus_cli.main import app
from couponbus_cli.synth import command

GOOD = """stages:
  dev:
    alarm_to: [ops@shop.example]
    coniq: [{name: main, base_url: https://api-stage.coniq.com}]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "couponbus.yaml"
    file.write_text(GOOD)
    return file


def synth(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["synth", *arguments])


def test_a_mistake_is_answered_with_line_and_column_and_nothing_is_written(file: Path) -> None:
    file.write_text(GOOD.replace("alarm_to", "alarm_too"))

    refused = synth("--stage", "dev")

    assert refused.exit_code == 2
    assert "couponbus.yaml:3:5: stages.dev.alarm_too: unknown" in refused.stderr
    assert [*file.parent.iterdir()] == [file]


def test_for_programs_the_mistake_has_its_line(file: Path) -> None:
    file.write_text(GOOD.replace("alarm_to", "alarm_too"))

    refused = json.loads(synth("--stage", "dev", "--json").stdout)["error"]

    assert (refused["kind"], refused["details"][0]["line"]) == ("config_invalid", 3)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--stage", "staging"], "there is no stage 'staging': use one of dev\n"),
        ([], "no stage is named: use one of dev\n"),
        (["--stage", "dev", "--context", "qualifier"], "'qualifier' is no KEY=VALUE\n"),
        (["--stage", "dev", "--config", "other.yaml"], "other.yaml cannot be read"),
    ],
)
def test_what_is_named_and_is_not_there_is_a_usage_error(
    file: Path, given: list[str], sentence: str
) -> None:
    refused = synth(*given)

    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert [*file.parent.iterdir()] == [file]


def test_without_what_it_needs_it_is_said_how_to_install_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "NEEDED", ("json", "no_cdk", "no_node"))

    refused = synth("--stage", "dev")

    assert refused.exit_code == 1
    assert "no_cdk, no_node not installed: install couponbus[deploy]" in refused.stderr
    assert [*file.parent.iterdir()] == [file]


EARLIER = json.dumps({"artifacts": {"shop-dev-state": {"type": "aws:cloudformation:stack"}}})


@pytest.mark.parametrize(("manifest", "stays"), [(EARLIER, False), ('{"name": "shop"}', True)])
def test_what_an_earlier_run_wrote_can_be_deployed_no_more(
    manifest: str, stays: bool, file: Path
) -> None:
    file.write_text(GOOD.replace("alarm_to", "alarm_too"))
    earlier = file.parent / "cdk.out" / "manifest.json"
    earlier.parent.mkdir()
    earlier.write_text(manifest)

    assert synth("--stage", "dev").exit_code == 2
    assert earlier.exists() is stays


@pytest.mark.parametrize("option", ["--out", "--work"])
@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_a_place_that_cannot_be_written_is_named_before_anything_is_built(
    tree: Path, file: Path, option: str, place: str
) -> None:
    (file.parent / "taken").touch()

    refused = synth("--stage", "dev", option, place)

    assert refused.exit_code == 2
    assert refused.stderr == f"{place} cannot be written: taken is no folder that you may write\n"
    assert not (file.parent / "asked.json").exists()


def test_what_the_stacks_warn_of_is_said_before_a_deployment(tree: Path) -> None:
    shown = synth("--stage", "dev")
    data = json.loads(synth("--stage", "dev", "--out", "again", "--json").stdout)

    assert "warning: there are few calls\n" in shown.stdout
    assert data["warnings"] == ["there are few calls"]


def test_the_command_that_it_names_can_be_pasted(tree: Path) -> None:
    done = synth("--stage", "dev", "--out", "my templates")

    assert "`cdk deploy --app 'my templates'`" in done.stdout


BUILDER = """
import json, pathlib, sys
pathlib.Path("asked.json").write_text(json.dumps(sys.argv[1:]))
"""
STACKS = """
import json, os, pathlib, sys
given = json.loads(os.environ["CDK_CONTEXT_JSON"])
if "code" in given:
    sys.stderr.write("said by the stacks\\n")
    sys.exit(given["code"])
out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.mkdir(exist_ok=True)
if (out / "manifest.json").exists():
    sys.exit("killed here, what was written so far would be deployed as the earlier one")
kinds = {"shop-dev-state": "aws:cloudformation:stack", "Tree": "cdk:tree"}
artifacts = {name: {"type": kind} for name, kind in kinds.items()}
warning = {"type": "aws:cdk:warning", "data": "there are few calls [ack: of-calls]"}
noted = {"/shop": [{"type": "aws:cdk:logicalId", "data": "Queue"}, warning]}
(out / "shop.metadata.json").write_text(json.dumps(noted))
artifacts["shop-dev-state"]["additionalMetadataFile"] = "shop.metadata.json"
(out / "manifest.json").write_text(json.dumps({"artifacts": artifacts, "given": given}))
"""


@pytest.fixture
def tree(
    file: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Put a small tree in the place of the wheel's, and folders of its names where it is called."""
    tree = tmp_path_factory.mktemp("tree")
    for name, text in (("layers/build.py", BUILDER), ("infra/app.py", STACKS)):
        for place, code in ((tree, text), (file.parent, "raise SystemExit('not ours')")):
            (place / name).parent.mkdir()
            (place / name).write_text(code)
            (place / name).with_name("__init__.py").touch()
    monkeypatch.setattr(command, "IN_WHEEL", tree)
    return tree


def test_it_builds_the_layer_of_the_stage_and_names_the_stacks(file: Path, tree: Path) -> None:
    done = synth("--stage", "dev", "--context", 'limits={"name": "few"}', "--context", "mine=yes")

    written = json.loads((file.parent / "cdk.out" / "manifest.json").read_text())
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "shop-dev-state")
    assert json.loads((file.parent / "asked.json").read_text()) == [
        *("arm64", "--into", ".couponbus/layers")
    ]
    assert written["given"] == {
        "stage": "dev",
        "config": "couponbus.yaml",
        "work": ".couponbus",
        "limits": {"name": "few"},
        "mine": "yes",
    }


@pytest.mark.parametrize(("code", "ends_with"), [(2, 2), (1, 1), (7, 1)])
def test_what_the_stacks_refuse_is_said_by_the_command(
    tree: Path, code: int, ends_with: int
) -> None:
    refused = synth("--stage", "dev", "--context", f"code={code}")

    assert (refused.exit_code, refused.stderr) == (ends_with, "said by the stacks\n")


def test_while_it_is_written_nothing_is_deployed(tree: Path, file: Path) -> None:
    """So neither when the command is killed."""
    once, again = synth("--stage", "dev"), synth("--stage", "dev")

    assert (once.exit_code, again.exit_code) == (0, 0)
    assert (file.parent / "cdk.out" / "manifest.json").exists()
