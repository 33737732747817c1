"""Ruff, and the tests whose imports reach what changed: `python -m tests.quick [FILE ...]`.

Without files it goes by what differs from HEAD. What no import shows (processes, names in texts,
data) needs `make test`.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import grimp

from couponbus.aws.ledger.kinds import KINDS
from couponbus_cli.main import COMMANDS
from tests.architecture import tree

PACKAGES = ("functions", "infra", "events", "couponbus_cli", "couponbus_sandbox", "tests")
COMMANDS_IN = "couponbus_cli.main"
KINDS_IN = "couponbus.aws.ledger.kinds"
SHARED = "layers/shared/python/"
# They take minutes, or check everything at once. Only the tests of infra check a change of infra.
LEFT_OUT = (
    "benchmarks",
    "browser",
    "canary",
    "e2e",
    "fuzz",
    "incidents",
    "infra",
    "mutants",
    "simulation",
)
MANY = 110  # test files that two cores run in a minute
CANNOT_JUDGE = 2
MARKS = "not slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The test files to run, the folders that are left out, and why the result is incomplete."""

    files: tuple[str, ...]
    left_out: tuple[str, ...]
    doubts: tuple[str, ...]


def main(files: Sequence[str]) -> int:
    changed = list(files) or changed_files()
    if not changed:
        return _say("nothing differs from HEAD: name files, as in make quick FILES=path")
    written = [name for name in changed if name.endswith(".py") and (tree.ROOT / name).is_file()]
    if written and not _passes_ruff(written):
        return 1
    reached = reached_by(changed, built_graph())
    failed = bool(reached.files) and _run("pytest", "-q", "-n2", "-m", MARKS, *reached.files)
    if reached.left_out:
        _say(f"left to make test: {', '.join(reached.left_out)}")
    for doubt in reached.doubts:
        _say(f"cannot judge: {doubt}")
    return 1 if failed else CANNOT_JUDGE if reached.doubts else 0


def changed_files() -> list[str]:
    """Return what git sees as different from HEAD, new files too."""
    tracked = _git("diff", "--name-only", "--relative", "HEAD")
    return sorted({*tracked, *_git("ls-files", "--others", "--exclude-standard")})


def built_graph() -> grimp.ImportGraph:
    """Return each module's imports at run time, without those for type checking only."""
    cache = str(tree.ROOT / ".import_linter_cache")
    graph = grimp.build_graph(
        "couponbus", *PACKAGES, exclude_type_checking_imports=True, cache_dir=cache
    )
    for place in COMMANDS.values():  # imported by their names, when they are called
        graph.add_import(importer=COMMANDS_IN, imported=place.module)
    for kind in KINDS.values():  # and these when they are met
        graph.add_import(importer=KINDS_IN, imported=kind.__module__)
    return graph


def reached_by(changed: Sequence[str], graph: grimp.ImportGraph) -> Reached:
    """Follow the imports from these files to tests."""
    modules = {name: module_of(name) for name in changed}
    known = {module for module in modules.values() if module in graph.modules}
    found = _importers(known, graph)
    chosen = {name for name in found if _is_wanted(name, known)}
    doubts = [f"{name} is no module: make test" for name in changed if modules[name] not in known]
    if len(chosen) > MANY:
        doubts += [f"{len(chosen)} test files are reached: make unit, or make test"]
        chosen = set()
    elif known and not chosen:
        doubts += [f"no test imports {', '.join(sorted(known))}: make test"]
    return Reached(
        files=tuple(sorted(f"{name.replace('.', '/')}.py" for name in chosen)),
        left_out=tuple(sorted({_folder(name) for name in found if not _is_wanted(name, known)})),
        doubts=tuple(doubts),
    )


def module_of(file: str) -> str:
    """Return the module name of a file."""
    path = PurePosixPath(file.removeprefix(SHARED)).with_suffix("")
    parts = path.parent.parts if path.name == "__init__" else path.parts
    return ".".join(parts) if file.endswith(".py") else ""


def _importers(modules: Iterable[str], graph: grimp.ImportGraph) -> set[str]:
    """Return the test modules among these and what imports them, also by a conftest."""
    found = set(modules)
    for module in modules:
        found |= graph.find_downstream_modules(module)
    shared = [name.removesuffix("conftest") for name in found if _last(name) == "conftest"]
    tests = {name for name in graph.modules if _is_test(name)}
    return {name for name in tests if name in found or name.startswith(tuple(shared))}


def _is_test(module: str) -> bool:
    return module.startswith("tests.") and _last(module).startswith("test_")


def _is_wanted(test: str, changed: set[str]) -> bool:
    folder = test.split(".")[1]
    if test in changed or folder not in LEFT_OUT:
        return True
    return folder == "infra" and any(name.startswith(("infra", "tests.infra")) for name in changed)


def _folder(test: str) -> str:
    return "/".join(test.split(".")[:2])


def _last(module: str) -> str:
    return module.rpartition(".")[2]


def _passes_ruff(files: Sequence[str]) -> bool:
    return not (_run("ruff", "check", *files) or _run("ruff", "format", "--check", *files))


def _run(tool: str, *arguments: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", tool, *arguments], cwd=tree.ROOT, check=False
    ).returncode


def _git(*arguments: str) -> Iterator[str]:
    done = subprocess.run(
        ["git", *arguments], cwd=tree.ROOT, check=True, capture_output=True, text=True
    )
    yield from done.stdout.splitlines()


def _say(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    return CANNOT_JUDGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
