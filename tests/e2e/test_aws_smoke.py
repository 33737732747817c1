"""The smoke test for AWS, asked of the local engine, which cannot know most of it."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from couponbus_sandbox.engine.assembly import stacks_in_order
from couponbus_sandbox.engine.deploy import deploy
from infra.sources import in_repository
from layers import platforms
from tests.aws_smoke.answers import answered, answers
from tests.aws_smoke.aws_stage import AwsStage, Tools, cdk_tools, synthesise
from tests.aws_smoke.beside import NotDeployed
from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.engine_stage import PAUSE, EngineStage, beside
from tests.aws_smoke.facts import FACTS
from tests.aws_smoke.simulators.stack import PART
from tests.aws_smoke.stacks import GONE
from tests.e2e.product import Product
from tests.thorough import amount

NAMED = {fact.name: fact for fact in FACTS}
SOAK = amount(1, few=0)
# Those that answer in a second or two, of the bus, a stream, the roles and the stacks.
FEW = (
    "patterns",
    "forgery",
    "filter",
    "rows",
    "statements",
    "secrets",
    "retention",
    "weak reference",
)
ASKED = tuple(NAMED) if SOAK else FEW
# What this engine has not: it is as AWS would be if we were wrong about it.
NOT_SO_HERE = ("conflict", "fair queue") if SOAK else ("conflict",)
FAILS = ("synthesise", "nothing") if SOAK else ("synthesise",)


@pytest.fixture(scope="module")
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """The product of these tests; all facts need one that has alarms, and limits that are low."""
    with contextlib.ExitStack() as ended:
        if SOAK:
            stage = EngineStage()
            ended.callback(stage.destroy)
            yield stage.deploy()
        else:
            deployed: Product = request.getfixturevalue("deployed")
            yield ended.enter_context(beside(deployed.stack))


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.timeout(1200)
def test_the_engine_knows_some_facts_and_plays_or_lacks_the_others(cloud: Cloud) -> None:
    found = list(answers([NAMED[name] for name in ASKED], cloud, place="engine"))

    seen = {each.name: each.seen for each in found}
    assert {each.name: each.word for each in found} == {
        name: "holds here" if NAMED[name].here == "known" else "only AWS" for name in ASKED
    }, seen


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.parametrize("name", NOT_SO_HERE)
def test_a_fact_that_is_not_so_is_refuted(cloud: Cloud, name: str) -> None:
    assert answered(NAMED[name], cloud, place="aws").word == "REFUTED"


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.parametrize("fails", FAILS)
def test_a_stage_for_aws_is_deployed_in_order_and_nothing_of_it_is_left(
    cloud: Cloud, fails: str, tmp_path: Path
) -> None:
    """The engine plays the account, our own deployment the CDK CLI."""
    pushed: list[str] = []

    def push(assembly: Path) -> None:
        pushed.extend(deploy(access=cloud.access, assembly=assembly))

    def or_fail(folder: Path, name: str) -> Path:
        if fails == "synthesise":
            raise NotDeployed("the stage cannot be synthesised")
        return synthesise(folder, name)

    stage = AwsStage(
        name="try",
        access=cloud.access,
        tools=Tools(push=push, synthesise=or_fail, apply_programs=lambda _folder, _name: None),
        folder=tmp_path,
        secret_path="a-secret-path",
        pause=PAUSE,
    )
    with contextlib.suppress(NotDeployed):
        stage.deploy()
    taken, left = stage.is_taken(), stage.destroy()

    product = [] if fails == "synthesise" else stacks_in_order(tmp_path / "product")
    assert missing_imports(tmp_path / PART) == ""
    assert public_rights(tmp_path / PART) == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    assert pushed == [f"smoke-try-{PART}", *(each.name for each in product)]
    assert (taken, left) == (True, ())
    assert [name for name in pushed if stage.stacks.status(name) != GONE] == []


@pytest.mark.parametrize(("code", "outcome"), [(0, nullcontext()), (1, pytest.raises(NotDeployed))])
def test_on_aws_the_cdk_cli_deploys_an_assembly_without_a_question(
    code: int, outcome: AbstractContextManager[object], tmp_path: Path
) -> None:
    cli, said = tmp_path / "cdk", tmp_path / "said.json"
    write = f"require('fs').writeFileSync({str(said)!r}, JSON.stringify(process.argv.slice(2)))"
    cli.write_text(f"{write}; process.exit({code})")

    with outcome:
        cdk_tools(cli).push(tmp_path)

    assert json.loads(said.read_text())[:6] == [
        *("deploy", "--app", str(tmp_path), "--all", "--require-approval", "never")
    ]


def missing_imports(assembly: Path) -> str:
    """Import what the simulators' function imports, from its asset and its layer alone."""
    [code] = assembly.glob("asset.*/handler.py")
    layer = in_repository().vendor_layer(platforms.host()) / "python"
    imported = f"import sys; sys.path[:0] = [{str(code.parent)!r}, {str(layer)!r}]; import handler"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", imported], capture_output=True, text=True, check=False
    ).stderr


def public_rights(assembly: Path) -> set[str]:
    """Return what every caller may do: since October 2025 a URL needs both rights."""
    [template] = assembly.glob("*.template.json")
    resources = json.loads(template.read_text())["Resources"].values()
    permissions = [each for each in resources if each["Type"] == "AWS::Lambda::Permission"]
    assert {each["Properties"]["Principal"] for each in permissions} == {"*"}
    return {each["Properties"]["Action"] for each in permissions}
