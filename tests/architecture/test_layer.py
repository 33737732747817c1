"""What is deployed compiles nothing at a cold start; the vendor layer is for its CPU, and small."""

import importlib.util
import json
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.regions import EndpointResolver

from layers import build, own, platforms, trim, zips
from tests.architecture import tree

BUDGET_UNZIPPED = 28_000_000
UNCHECKED_HASH = 0b01
ELF_MACHINE = {"arm64": 183, "x86_64": 62}
ARCHITECTURES = sorted(platforms.LAMBDA)
FUNCTIONS = [folder.name for folder in tree.function_folders()]

# The environment of a function in Lambda: no site-packages, no variables of the caller.
PROBE = """
import json, sys
compiled = []
def note(event, arguments):
    if event == "compile" and isinstance(arguments[1], (str, bytes)):
        compiled.append(str(arguments[1]))
sys.path[:0] = json.loads(sys.argv[1])
sys.addaudithook(note)
exec(sys.argv[2])
files = {name: module.__file__ for name, module in sys.modules.items()
         if getattr(module, "__file__", None)}
print(json.dumps({"compiled": compiled, "modules": files}))
"""

WHAT_HANDLERS_USE = """
import botocore.session, pydantic, requests
from aws_lambda_powertools import Logger, Metrics
session = botocore.session.get_session()
for service in ("dynamodb", "events", "sqs", "secretsmanager", "sts"):
    session.create_client(service, region_name="eu-west-1")
class Model(pydantic.BaseModel):
    number: int
Model.model_validate_json('{"number": 1}')
"""


@cache
def layer(arch: str) -> Path:
    folder = build.BUILD / arch
    assert folder.is_dir(), f"{tree.name(folder)} is missing: run `make layers`"
    return folder


def deployed(name: str) -> Path:
    """Return the folder that becomes the zip of a layer or a function."""
    if name == "shared":
        return own.shared_layer(tree.ROOT)
    return own.function(tree.ROOT, name) if name in FUNCTIONS else layer(name)


def cold_start(statements: str, *path: Path) -> dict[str, dict[str, str]]:
    """Run statements in a bare interpreter that sees only the folders of `path`."""
    folders = json.dumps([str(folder) for folder in path])
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", PROBE, folders, statements],
        env={"PATH": "", "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    result: dict[str, dict[str, str]] = json.loads(run.stdout)
    return result


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_layer_was_built_from_the_lock_as_it_is(arch: str) -> None:
    stamp = build.BUILD / f"{arch}.stamp"

    assert layer(arch)
    assert stamp.read_text(encoding="utf-8") == build.fingerprint(), "run `make layers`"


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_layer_fits_its_budget(arch: str) -> None:
    assert 5_000_000 < zips.size(layer(arch)) <= BUDGET_UNZIPPED


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_each_binary_is_for_the_cpu_of_the_layer(arch: str) -> None:
    binaries = list(layer(arch).rglob("*.so*"))

    machines = {
        path.name: struct.unpack_from("<H", path.read_bytes(), offset=18)[0] for path in binaries
    }

    assert any(name.startswith("_pydantic_core") for name in machines)
    assert set(machines.values()) == {ELF_MACHINE[arch]}


@pytest.mark.parametrize("name", [*ARCHITECTURES, "shared", *FUNCTIONS])
def test_each_source_has_byte_code_that_its_date_cannot_make_stale(name: str) -> None:
    sources = list(deployed(name).rglob("*.py"))

    assert sources
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(source)))
        head = compiled.read_bytes()[:16]

        assert head[:4] == importlib.util.MAGIC_NUMBER
        assert struct.unpack("<I", head[4:8])[0] == UNCHECKED_HASH
        assert head[8:] == importlib.util.source_hash(source.read_bytes())
        assert source.stat().st_mtime == zips.EPOCH


@pytest.mark.parametrize("name", ["shared", *FUNCTIONS])
def test_our_code_is_deployed_with_the_sources_as_they_are(name: str) -> None:
    top = tree.COUPONBUS if name == "shared" else tree.ROOT / "functions" / name
    sources = {path.relative_to(top): path.read_bytes() for path in tree.python_files(top)}
    (copied,) = deployed(name).rglob(top.name)

    assert {path.relative_to(copied): path.read_bytes() for path in copied.rglob("*.py")} == sources


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_layer_knows_the_services_used_and_keeps_licences(arch: str) -> None:
    packages = layer(arch) / "python"
    services = {path.name for path in (packages / "botocore" / "data").iterdir() if path.is_dir()}

    assert services == {"dynamodb", "events", "secretsmanager", "sqs", "sts"}
    assert list(packages.glob("pydantic-*.dist-info/METADATA"))
    assert list(packages.rglob("LICENSE*"))


def test_the_layer_knows_each_region_of_its_services_as_botocore_does() -> None:
    data = layer(platforms.host()) / "python" / "botocore" / "data"
    trimmed = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    ours, all_of_them = (
        EndpointResolver(each.load_data("endpoints")) for each in (trimmed, Loader())
    )

    for service in trim.SERVICES:
        for partition in all_of_them.get_available_partitions():
            regions = all_of_them.get_available_endpoints(service, partition)
            assert ours.get_available_endpoints(service, partition) == regions
            for region in (*regions, "eu-future-9"):
                assert ours.construct_endpoint(service, region) == (
                    all_of_them.construct_endpoint(service, region)
                )


def test_a_cold_start_compiles_nothing_of_the_layer_and_takes_nothing_from_elsewhere() -> None:
    packages = layer(platforms.host()) / "python"

    seen = cold_start(WHAT_HANDLERS_USE, packages)

    assert [file for file in seen["compiled"] if file.endswith(".py")] == []
    assert seen["modules"]["botocore"].startswith(str(packages))
    assert seen["modules"]["pydantic_core._pydantic_core"].startswith(str(packages))
    assert not any("site-packages" in file for file in seen["modules"].values())
    assert "aws_xray_sdk" not in seen["modules"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_starts_with_its_zip_and_the_two_layers_alone_and_compiles_no_file(
    name: str,
) -> None:
    function, shared = deployed(name), deployed("shared") / "python"

    seen = cold_start(
        f"import functions.{name}.handler", function, shared, layer(platforms.host()) / "python"
    )

    assert [file for file in seen["compiled"] if file.endswith(".py")] == []
    assert seen["modules"][f"functions.{name}.wiring"].startswith(str(function))
    assert seen["modules"]["couponbus"].startswith(str(shared))
    others = {name.split(".")[1] for name in seen["modules"] if name.startswith("functions.")}
    assert others == {name}
