"""Files and folders follow the naming rules of the repository."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.architecture import tree

ROOT_FOLDERS = {
    "functions",
    "infra",
    "layers",
    "tests",
    "events",
    "couponbus_sandbox",
    "couponbus_cli",
    "couponbus_config",
    "docs",
}
LINES = 300
LAYERS = [
    tree.COUPONBUS / name
    for name in ("runtime", "usecases", "providers", "aws", "ports", "events", "domain")
]
VAGUE = {"utils", "util", "common", "constants", "helpers", "misc"}


def test_each_function_has_a_handler_its_wiring_and_a_test_of_its_name() -> None:
    wanted = [
        path
        for folder in tree.function_folders()
        for path in (
            folder / "handler.py",
            folder / "wiring.py",
            tree.ROOT / "tests" / "functions" / f"test_{folder.name}.py",
        )
    ]

    assert wanted
    assert [tree.name(path) for path in wanted if not path.is_file()] == []


def test_a_function_is_a_flat_folder_named_by_verb_and_noun() -> None:
    names = [tree.name(folder) for folder in tree.function_folders()]

    assert [name for name in names if name.count("/") != 1 or "_" not in name] == []


def test_functions_is_a_namespace_package_because_an_asset_carries_no_init() -> None:
    assert not (tree.ROOT / "functions" / "__init__.py").exists()


def test_the_root_has_the_given_folders_only() -> None:
    folders = {tree.name(path).split("/")[0] for path in tree.files() if path.parent != tree.ROOT}

    assert {name for name in folders if not name.startswith(".")} == ROOT_FOLDERS


def test_no_file_is_long_enough_to_hide_a_second_idea() -> None:
    long = {
        tree.name(path): count
        for path in tree.python_files(tree.ROOT)
        if (count := len(tree.text(path).splitlines())) > LINES
    }

    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    modules = tree.python_files(tree.ROOT)

    assert [tree.name(path) for path in modules if path.stem in VAGUE] == []


@pytest.mark.parametrize("layer", [*LAYERS, tree.ROOT / "infra"], ids=lambda layer: layer.name)
def test_no_class_has_the_name_of_another_one_in_its_layer(layer: Path) -> None:
    found = defaultdict(list)
    for path in tree.python_files(layer):
        for node in ast.parse(tree.text(path)).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(tree.name(path))

    assert found
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


def test_no_constant_of_the_use_cases_has_the_name_of_another_value() -> None:
    found = defaultdict(set)
    for path in tree.python_files(tree.COUPONBUS / "usecases"):
        for node in ast.parse(tree.text(path)).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id].add(ast.unparse(node.value))

    values = {name: kept for name, kept in found.items() if name.isupper() and name[0] != "_"}
    assert values
    assert {name: kept for name, kept in values.items() if len(kept) > 1} == {}


def test_each_use_case_is_used() -> None:
    product = tree.python_files(
        tree.COUPONBUS, tree.ROOT / "functions", tree.ROOT / "couponbus_cli"
    )
    names = {path.stem for path in tree.python_files(tree.COUPONBUS / "usecases")} - {"__init__"}

    unused = [
        name
        for name in sorted(names)
        if not any(
            re.search(rf"(?m)^ *(from|import) .*\b{name}\b", tree.text(path)) for path in product
        )
    ]

    assert unused == []
