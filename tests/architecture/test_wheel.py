"""The wheel: its contents, and that its command runs with only its own dependencies installed."""

import json
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hatch_build import PARTS, TREE
from tests.architecture import tree
from tests.installed import Environment

KEY = "test-key-not-real"
SAMPLE = tree.ROOT / "couponbus_cli" / "samples" / "programs.yaml"


@contextmanager
def simulated_coniq(installed_wheel: Environment) -> Iterator[str]:
    """Run the simulator of the wheel, and yield its URL."""
    process = subprocess.Popen(
        [installed_wheel.program("python"), "-m", "couponbus_sandbox", "coniq", "--api-key", KEY],
        cwd=installed_wheel.folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_it_brings_four_packages_and_no_name_that_another_project_may_have(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}

    (metadata,) = (name for name in tops if name.endswith(".dist-info"))
    assert tops == {"couponbus", "couponbus_cli", "couponbus_config", "couponbus_sandbox", metadata}


def test_it_brings_what_is_deployed_as_it_is_in_a_clone(wheel: Path) -> None:
    tops = [tree.ROOT / part for part in PARTS if "*" not in part]
    wanted = {path for path in tree.files() if any(path.is_relative_to(top) for top in tops)}
    wanted |= {*(tree.ROOT / "layers").glob("*.py")}

    with zipfile.ZipFile(wheel) as archive:
        brought = {
            name: archive.read(name)
            for name in archive.namelist()
            if name.startswith(f"{TREE.as_posix()}/")
        }

    assert brought == {
        (TREE / path.relative_to(tree.ROOT)).as_posix(): path.read_bytes() for path in wanted
    }


def test_the_command_tells_what_it_can_do(installed_wheel: Environment) -> None:
    said = installed_wheel.run("couponbus", "--help")

    assert (said.code, said.err) == (0, "")
    assert all(word in said.out for word in ("programs", "status", "why", "probe"))


def test_the_page_is_whole_where_the_wheel_is_installed(installed_wheel: Environment) -> None:
    code = "from couponbus_cli.page import drawing as d; print(d.refusal(), d.asset(d.SCRIPT))"

    drawn = installed_wheel.run("python", "-c", code)

    assert drawn.code == 0, drawn.err
    assert "This page needs its key" in drawn.out
    assert '"use strict"' in drawn.out


def test_it_reads_a_file_of_programs_without_any_access_to_aws(
    installed_wheel: Environment, tmp_path: Path
) -> None:
    broken = tmp_path / "programs.yaml"
    broken.write_text("programs:\n  - name: 7\n")

    refused = installed_wheel.run("couponbus", "programs", "apply", str(broken))
    read = installed_wheel.run("couponbus", "programs", "apply", str(SAMPLE))

    assert refused.code == 1
    assert "programs.yaml:2" in refused.err
    assert read.code == 3
    assert "the local stage is not up" in read.err


def test_the_simulators_say_which_there_are(installed_wheel: Environment) -> None:
    said = installed_wheel.run("python", "-m", "couponbus_sandbox", "--help")

    assert (said.code, said.err) == (0, "")
    assert all(name in said.out for name in ("coniq", "koupon", "uniqodo"))


def test_the_command_asks_the_simulator_of_the_same_wheel(installed_wheel: Environment) -> None:
    with simulated_coniq(installed_wheel) as url:
        asking = ("probe", "coniq", "--customer-id", "7", "--offer-id", "101", "--pace", "1000")
        said = installed_wheel.run(
            "couponbus", *asking, "--base-url", url, COUPONBUS_CONIQ_API_KEY=KEY
        )

    assert said.code == 0, said.out + said.err
    assert KEY not in said.out + said.err
