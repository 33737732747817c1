"""Each zip holds one compiled folder of this repository with its path kept, and nothing else."""

import json
import os
from pathlib import Path

from couponbus.runtime.settings import FILE
from infra.sources import ROOT, Sources, in_repository, working_in
from tests.infra.assembly import Assembly
from tests.infra.project import FUNCTIONS


def files(assembly: Assembly, content: dict[str, object]) -> set[str]:
    """Return the files of the asset that a function or layer points at."""
    return files_below(assembly.folder / f"asset.{str(content['S3Key']).removesuffix('.zip')}")


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# Those with settings that grow with the accounts.
FILED = {
    *("issue_barcodes", "sweep_due", "audit_barcodes", "schedule_polls", "poll_redemptions"),
    "receive_callback",
}


def test_a_function_carries_its_own_folder_and_its_settings_and_nothing_else(
    dev: Assembly,
) -> None:
    for name in FUNCTIONS:
        assert files(dev, dev.functions[name].properties["Code"]) == {
            f"functions/{name}/handler.py",
            f"functions/{name}/wiring.py",
            f"functions/{name}/__pycache__/handler.cpython-313.pyc",
            f"functions/{name}/__pycache__/wiring.cpython-313.pyc",
            *([FILE] if name in FILED else []),
        }


def test_changed_settings_make_a_new_version_of_those_that_have_them_and_of_no_other(
    dev: Assembly, many: Assembly
) -> None:
    before, after = ({each.id for each in one.of("AWS::Lambda::Version")} for one in (dev, many))

    new = {each.partition("FunctionCurrentVersion")[0] for each in after - before}

    assert new == {name.title().replace("_", "") for name in FILED}


def test_what_was_compiled_is_shared_and_no_settings_are_left_in_it(
    dev: Assembly, prod: Assembly, project: Sources
) -> None:
    one, other = (
        json.loads(each.settings("issue_barcodes")["CONIQ_ACCOUNTS"]) for each in (dev, prod)
    )

    assert one != other
    for name in FILED:
        assert not (project.function(name) / FILE).exists()


def test_lambda_can_read_the_settings_for_any_umask_of_the_synthesis(
    project: Sources,
) -> None:
    before = os.umask(0o077)
    try:
        with project.function_with("sweep_due", {"SETTING": "value"}) as code:
            modes = {path.stat().st_mode & 0o777 for path in code.rglob("*") if path.is_file()}
    finally:
        os.umask(before)

    assert modes == {0o644}


def test_a_tree_that_is_not_written_to_is_built_in_a_folder_of_its_own(tmp_path: Path) -> None:
    sources = working_in(tmp_path)

    built = sources.function("sweep_due")

    assert built == tmp_path / "dist" / "functions" / "sweep_due"
    assert files_below(built) == files_below(in_repository().function("sweep_due"))
    assert sources.root == ROOT


def test_the_layers_are_the_folders_as_they_stand(dev: Assembly) -> None:
    contents = {
        each.properties["Description"]: files(dev, each.properties["Content"])
        for each in dev.of("AWS::Lambda::LayerVersion")
    }

    assert contents == {
        # Without what an import or another version of Python has left there.
        "couponbus": {
            "python/couponbus/__init__.py",
            "python/couponbus/__pycache__/__init__.cpython-313.pyc",
        },
        "third-party wheels for arm64": {"python/wheel.py", "python/__pycache__/wheel.pyc"},
    }


def test_both_layers_are_on_every_function(dev: Assembly) -> None:
    layers = {each.label for each in dev.of("AWS::Lambda::LayerVersion")}

    for function in dev.functions.values():
        used = {dev.words(each, "workers") for each in function.properties["Layers"]}
        assert used == layers


def test_each_function_of_the_template_is_in_this_repository() -> None:
    sources = in_repository()

    for name in FUNCTIONS:
        assert sources.function(name).is_dir()
