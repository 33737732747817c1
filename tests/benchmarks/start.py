"""The part `start` of `make bench`: cold starts, each in a fresh interpreter without site packages.

A function starts as it is deployed: its own code, the shared layer and the built vendor layer, all
with their byte code. The plain design starts as the CDK ships one: the same packages, whole, whose
byte code is stale, because each file of a zip is dated 1980.
"""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from layers import build, own, platforms
from tests.architecture import tree
from tests.benchmarks.figure import Figure
from tests.benchmarks.surroundings import AWS
from tests.functions.test_wiring import ENVIRONMENT

ROUNDS = 3
# As Lambda says that a function is starting; whatever is called then finds this machine only.
LAMBDA = {
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}
PLAIN = "plain Powertools, as the CDK ships it"
PROBE = """
import json, sys, time
sys.path[:0] = json.loads(sys.argv[1])
{imports}
imported = time.process_time()
{service}
print(json.dumps([imported * 1000, time.process_time() * 1000, len(sys.modules)]))
"""
HANDLER = "import functions.{name}.handler, functions.{name}.wiring as made"
TEXTBOOK = "import tests.benchmarks.plain as made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Milliseconds of CPU of a process until all is imported, and until the service is made."""

    imported: float
    served: float
    modules: int


def lines() -> Iterator[str]:
    """Start each some times in turn; yield the table of the best starts, and the figures."""
    found: dict[str, Start] = {}
    with tempfile.TemporaryDirectory() as folder:
        probes = _probes(Path(folder))
        for each in range(ROUNDS):
            sys.stderr.write(f"\rround {each + 1} of {ROUNDS}" + "\n" * (each + 1 == ROUNDS))
            for name, (text, path) in probes.items():
                started = _started(text, path)
                found[name] = min(found.get(name, started), started, key=_served)
    plain = found.pop(PLAIN)
    yield "| cold start, ms of CPU | import | and service() | of plain | modules |"
    yield "|---|--:|--:|--:|--:|"
    yield f"| {PLAIN} | {plain.imported:,.0f} | {plain.served:,.0f} | 1.00 | {plain.modules} |"
    for name, start in found.items():
        share = f"{start.served / plain.served:.2f} | {start.modules}"
        yield f"| {name} | {start.imported:,.0f} | {start.served:,.0f} | {share} |"
    heaviest = max(found, key=lambda name: found[name].served)
    for name in dict.fromkeys((heaviest, "publish_events")):
        of_plain = found[name].served / plain.served
        yield Figure(name=f"cold start of {name}, of plain", value=of_plain, digits=2).line()


def _served(start: Start) -> float:
    return start.served


def _probes(folder: Path) -> Mapping[str, tuple[str, Sequence[Path]]]:
    """Return what each start runs, and the folders that it sees."""
    shared, packages = own.shared_layer(tree.ROOT), build.BUILD / platforms.host()
    assert packages.is_dir(), "run `make layers`"
    layers = [shared / "python", packages / "python"]
    textbook = [tree.ROOT, tree.COUPONBUS.parent, _whole_packages(folder / "whole")]
    probes = {PLAIN: (PROBE.format(imports=TEXTBOOK, service="made.events()"), textbook)}
    for function in tree.function_folders():
        imports = HANDLER.format(name=function.name)
        text = PROBE.format(imports=imports, service="made.service()")
        probes[function.name] = (text, [own.function(tree.ROOT, function.name), *layers])
    return probes


def _whole_packages(folder: Path) -> Path:
    """Return a folder with the packages of the vendor layer, and byte code of none."""
    locked = re.findall(r"^([a-z0-9-]+)==", build.LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    for path in _files_of(locked):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path.locate(), target)
    return folder


def _files_of(packages: Iterable[str]) -> Iterator[importlib.metadata.PackagePath]:
    for name in packages:
        for path in importlib.metadata.files(name) or ():
            if path.suffix != ".pyc" and ".." not in path.parts:
                yield path


def _started(statements: str, path: Sequence[Path]) -> Start:
    """Run statements in a process that sees no variable and no folder of this one."""
    folders = json.dumps([str(folder) for folder in path])
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", statements, folders],
        env={"PATH": "", **AWS, **ENVIRONMENT, **LAMBDA},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    imported, served, modules = json.loads(run.stdout)
    return Start(imported=imported, served=served, modules=modules)


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(f"{line}\n")
