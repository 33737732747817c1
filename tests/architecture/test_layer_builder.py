"""The builder of the vendor layer, with an installer that needs no network."""

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from layers import build, platforms, zips

# A fake uv: writes the files that an installation of one wheel creates.
INSTALLER = f"""#!{sys.executable}
import gzip, json, os, pathlib, sys
target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1])
with open(os.environ["INSTALLER_CALLS"], "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if "--dry-run" in sys.argv:
    sys.exit()
model = {{"documentation": "long", "shapes": {{"documentation": {{"enum": ["a"]}}}}}}
endpoints = {{"partitions": [{{"partition": "aws", "services": {{"ec2": {{}}, "sqs": {{}}}}}}]}}
for name, content in {{
    "bin/script": b"#!/somewhere/python",
    "requests/__init__.py": b"def f(x): return x in {{'k', 'l', 'm', 'n'}}\\n",
    "requests/py.typed": b"",
    "pydantic_core/core.cpython-313-darwin.so": b"",
    "requests/stubs.pyi": b"x: int",
    "requests-1.dist-info/METADATA": b"Name: requests",
    "requests-1.dist-info/RECORD": str(target).encode(),
    "requests-1.dist-info/licenses/LICENSE": b"free",
    "boto3/examples/s3.rst": b"long",
    "boto3/data/ec2/1/resources-1.json": b"{{}}",
    "boto3/data/sqs/1/resources-1.json": b"{{}}",
    "botocore/data/endpoints.json": json.dumps(endpoints).encode(),
    "botocore/data/notes.json": b"{{}}",
    "botocore/data/ec2/1/service-2.json.gz": gzip.compress(json.dumps(model).encode()),
    "botocore/data/sqs/1/service-2.json.gz": gzip.compress(json.dumps(model).encode()),
    "botocore/data/sqs/1/examples-1.json": b"{{}}",
}}.items():
    file = target / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the installer in place of uv and return the file that lists its calls."""
    installer, log = tmp_path / "installer", tmp_path / "calls"
    installer.write_text(INSTALLER)
    installer.chmod(0o755)
    log.touch()
    monkeypatch.setenv("UV", str(installer))
    monkeypatch.setenv("INSTALLER_CALLS", str(log))
    return log


def contents(layer: Path) -> set[str]:
    return {
        path.relative_to(layer / "python").as_posix()
        for path in layer.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def content_of(layer: Path) -> dict[Path, bytes]:
    return {path.relative_to(layer): path.read_bytes() for path in zips.files_of(layer)}


@pytest.mark.usefixtures("calls")
def test_only_what_lambda_reads_is_left(tmp_path: Path) -> None:
    layer = build.build("arm64", into=tmp_path / "build")

    assert contents(layer) == {
        "requests/__init__.py",
        "pydantic_core/core.cpython-313-darwin.so",
        "requests-1.dist-info/METADATA",
        "requests-1.dist-info/licenses/LICENSE",
        "boto3/data/sqs/1/resources-1.json",
        "botocore/data/endpoints.json",
        "botocore/data/sqs/1/service-2.json",
    }


@pytest.mark.usefixtures("calls")
def test_documentation_goes_but_a_shape_of_that_name_stays(tmp_path: Path) -> None:
    layer = build.build("arm64", into=tmp_path / "build")

    model = layer / "python" / "botocore" / "data" / "sqs" / "1" / "service-2.json"
    assert json.loads(model.read_text()) == {"shapes": {"documentation": {"enum": ["a"]}}}


@pytest.mark.usefixtures("calls")
def test_the_regions_of_other_services_go(tmp_path: Path) -> None:
    layer = build.build("arm64", into=tmp_path / "build")

    endpoints = layer / "python" / "botocore" / "data" / "endpoints.json"
    assert json.loads(endpoints.read_text()) == {
        "partitions": [{"partition": "aws", "services": {"sqs": {}}}]
    }


@pytest.mark.usefixtures("calls")
def test_two_builds_in_two_places_have_the_same_bytes(tmp_path: Path) -> None:
    one = build.build("arm64", into=tmp_path / "here")
    other = build.build("arm64", into=tmp_path / "there" / "deeper")

    assert list(one.rglob("*.pyc"))
    assert content_of(one) == content_of(other)
    assert str(tmp_path).encode() not in b"".join(content_of(one).values())


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_what_is_in_a_layer_can_be_read_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        layer = build.build("arm64", into=tmp_path / "build")
    finally:
        os.umask(before)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in layer.rglob("*") if path.is_file()}
    assert modes == {0o644}


@pytest.mark.usefixtures("calls")
def test_of_another_machine_only_what_differs_is_unpacked(tmp_path: Path) -> None:
    wheels = build.unpack("macos-arm64", into=tmp_path / "wheels")

    assert contents(wheels) == {"pydantic_core/core.cpython-313-darwin.so"}


@pytest.mark.parametrize("work", [build.build, build.unpack])
def test_a_wheel_that_is_not_there_is_said_with_its_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[..., Path]
) -> None:
    monkeypatch.setenv("UV", "false")

    with pytest.raises(
        SystemExit, match=r"no wheels of layers/vendor/requirements\.txt for musl-arm64"
    ):
        work("musl-arm64", into=tmp_path / "build")

    assert not (tmp_path / "build" / "musl-arm64").exists()


def test_the_wheels_are_those_of_the_lock_for_the_cpu_and_the_runtime(
    tmp_path: Path, calls: Path
) -> None:
    build.build("arm64", into=tmp_path / "build")

    call = calls.read_text()
    assert "--python-platform aarch64-manylinux_2_28 --python-version 3.13" in call
    assert "--only-binary :all: --require-hashes" in call
    assert f"--requirements {build.LOCK}" in call


def test_a_second_build_does_nothing(tmp_path: Path, calls: Path) -> None:
    first = build.build("x86_64", into=tmp_path / "build")
    second = build.build("x86_64", into=tmp_path / "build")

    assert first == second
    assert len(calls.read_text().splitlines()) == 1


def test_a_layer_of_another_lock_is_built_again(tmp_path: Path, calls: Path) -> None:
    build.build("x86_64", into=tmp_path / "build")
    (tmp_path / "build" / "x86_64.stamp").write_text("of another lock")

    build.build("x86_64", into=tmp_path / "build")

    assert len(calls.read_text().splitlines()) == 2


def test_another_python_than_the_runtime_is_refused(
    tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "RUNTIME", "3.12")

    with pytest.raises(SystemExit, match=r"compiled for Python 3\.12, this is Python 3\.13"):
        build.build("x86_64", into=tmp_path / "build")

    assert calls.read_text() == ""


def test_without_an_installer_the_word_to_type_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    with pytest.raises(SystemExit, match=r"run `make setup`, or install couponbus\[deploy\]"):
        build.build("x86_64", into=tmp_path / "build")


def test_the_installer_beside_the_interpreter_goes_before_one_of_the_shell(
    tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer = Path(os.environ["UV"])
    installer.rename(tmp_path / "uv")
    older = tmp_path / "older" / "uv"
    older.parent.mkdir()
    older.write_text("#!/bin/sh\nexit 2\n")
    older.chmod(0o755)
    monkeypatch.delenv("UV")
    monkeypatch.setenv("PATH", str(older.parent))
    (tmp_path / "python").symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    build.build("x86_64", into=tmp_path / "build")

    assert calls.read_text()


def test_the_command_builds_what_is_named_and_both_by_default(
    tmp_path: Path, calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into = ["--into", str(tmp_path / "build")]

    build.main(["host", *into])
    build.main(into)

    assert len(calls.read_text().splitlines()) == 2
    assert sorted(line.split(":")[0] for line in capsys.readouterr().out.splitlines()) == [
        "build/arm64",
        "build/x86_64",
    ]


def test_the_command_unpacks_the_wheels_of_other_machines(
    tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "WHEELS", tmp_path / "wheels")

    build.main(["wheels"])

    asked = calls.read_text()
    for each in platforms.DEVELOPERS.values():
        calls_for = [line for line in asked.splitlines() if f"--python-platform {each} " in line]
        locks = [line.rpartition("--requirements ")[2] for line in calls_for]
        assert locks == [str(build.LOCK), *map(str, build.OTHER_LOCKS)]


def test_a_machine_without_a_layer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")

    with pytest.raises(SystemExit, match="no vendor layer for riscv64"):
        build.main(["host"])


def test_a_cpu_that_lambda_does_not_have_is_refused() -> None:
    with pytest.raises(SystemExit):
        build.main(["riscv"])
