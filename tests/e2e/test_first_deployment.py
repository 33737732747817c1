"""`docs/deploy.md` block by block, as a user of the wheel runs it in a folder of their own.

The first block installs, which needs a network: the wheel is installed as tests/installed.py does.
The AWS CLI and the CDK CLI are played by stand_ins.py, the stage is the one on this machine.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from couponbus_cli.app.stage import UP_FILE
from couponbus_sandbox.coniq import ConiqSettings
from couponbus_sandbox.engine.access import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Access
from couponbus_sandbox.engine.process import ROOT, engine
from couponbus_sandbox.local.local_environment import local_environment
from couponbus_sandbox.local.simulators import Simulators, simulators
from couponbus_sandbox.local.stack import QUICK
from couponbus_sandbox.local.stage_file import SHIPPED, write_stage_file
from couponbus_sandbox.local.synthesis import UNCHECKED, this_machine
from infra.sources import in_repository
from layers import own
from tests.e2e import stand_ins
from tests.installed import Environment
from tests.thorough import amount

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
INSTALLATION, *BLOCKS = re.findall(r"(?ms)^```bash\n(.*?)^```", PAGE)
# Up to the templates: all else needs an engine.
WRITING = 3
STEPS = BLOCKS[: amount(len(BLOCKS), few=WRITING)]
IN_FULL = len(STEPS) > WRITING
STAGE, HERE = "COUPONBUS_STAGE=dev ", "COUPONBUS_STAGE=local "
CUSTOMER = 4001
BLOCK_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class User:
    """A user with the wheel, an account at each provider, and one shell for all blocks."""

    folder: Path
    wheel: Environment
    programs: Path
    providers: Simulators
    shell: Path

    def runs(self, block: str) -> str:
        """Run a block as it is on the page; it fails with its first command that does."""
        self.shell.touch()
        script = f". {self.shell}\nset -euo pipefail\n{block}\ndeclare -px > {self.shell}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=local_environment(
                **({} if IN_FULL else UNCHECKED),
                PATH=f"{self.wheel.folder}/bin:{self.programs}:/usr/bin:/bin",
            ),
            capture_output=True,
            text=True,
            timeout=BLOCK_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        return done.stdout

    def describes_the_stage(self, **changed: object) -> None:
        """Put the accounts into the file, and a URL for each: that of its simulator."""
        settings = {**this_machine(), **QUICK, **changed}
        urls = self.providers.urls
        write_stage_file(self.folder, source=SHIPPED, urls=urls, overrides=settings)

    def writes_the_keys(self) -> None:
        for account, key in self.providers.keys.items():
            (self.folder / f"{account.partition('/')[0]}.json").write_text(key)

    def prepares(self, block: str) -> None:
        """Do what the page says in words before a block."""
        if "couponbus config check\n" in block:
            self.describes_the_stage()
        if "put-secret-value" in block:
            self.writes_the_keys()
        if "--was" in block:
            self.describes_the_stage(log_days=3)

    def templates(self, folder: str) -> dict[str, str]:
        found = (self.folder / folder).glob("*.template.json")
        return {path.name: path.read_text() for path in found}

    def built_anew(self) -> list[Path]:
        """Return the folders in which the wheel deploys something else than the clone."""
        work = self.folder / ".couponbus"
        built = [stamp.with_suffix("") for stamp in work.rglob("*.stamp")]
        assert built
        return [folder for folder in built if not folder.is_symlink()]

    @property
    def barcodes(self) -> list[Mapping[str, object]]:
        return [*self.providers.coniq.barcodes()]


@pytest.fixture
def user(installed_wheel: Environment, tmp_path: Path) -> Iterator[User]:
    folder = tmp_path / "own"
    take_what_is_built(folder / ".couponbus")
    with ExitStack() as running:
        providers = running.enter_context(simulators(ConiqSettings()))
        if IN_FULL:
            publish(running.enter_context(engine()), folder / UP_FILE)
        yield User(
            folder=folder,
            wheel=installed_wheel,
            programs=stand_ins.written(tmp_path / "programs", root=ROOT),
            providers=providers,
            shell=tmp_path / "shell",
        )


def take_what_is_built(work: Path) -> None:
    """Take layers and functions of the clone: the wheel builds what it has otherwise."""
    layer = this_machine()["layer"]
    vendor, shared = in_repository().vendor, own.shared_layer(ROOT)
    folders = {vendor / layer: work / "layers" / layer, shared: work / "dist" / "shared"}
    folders |= {
        own.function(ROOT, each.name): work / "dist" / "functions" / each.name
        for each in (ROOT / "functions").iterdir()
        if each.is_dir()
    }
    for built, taken in folders.items():
        taken.parent.mkdir(parents=True, exist_ok=True)
        taken.symlink_to(built)
        shutil.copy(stamp_of(built), stamp_of(taken))


def stamp_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.stamp")


def clone_writes(folder: Path) -> str:
    """Have the clone write the templates of the user's file, beside those of the wheel."""
    out = "of-the-clone"
    command = [sys.executable, "-m", "couponbus_cli.main", "synth", "--stage", "local"]
    subprocess.run([*command, "--out", out], cwd=folder, env=local_environment(), check=True)
    return out


def publish(access: Access, up_file: Path) -> None:
    reach = {"endpoint_url": access.endpoint_url, "region": access.region}
    reach |= {"aws_access_key_id": ACCESS_KEY_ID, "aws_secret_access_key": SECRET_ACCESS_KEY}
    up_file.write_text(json.dumps(reach | {"ca_bundle": str(access.ca_bundle)}))


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.timeout(400)
def test_the_page_leads_from_the_wheel_to_a_barcode_and_back(user: User) -> None:
    assert PAGE.count(STAGE) == 1
    for block in STEPS:
        user.prepares(block)
        user.runs(block.replace(STAGE, HERE))

    assert user.built_anew() == []
    assert json.loads((user.folder / "cdk.out" / "manifest.json").read_text())["artifacts"]
    if IN_FULL:
        report = json.loads((user.folder / "cdk.out" / "validation-report.json").read_text())
        assert report["pluginReports"] == []
        assert user.templates("cdk.out") == user.templates(clone_writes(user.folder))
        assert [each["customer_id"] for each in user.barcodes] == [CUSTOMER]
