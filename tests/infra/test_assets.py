"""Each zip holds one compiled folder of this repository with its path kept, and nothing else."""

from pathlib import Path

from infra.sources import in_repository
from tests.infra.assembly import Assembly
from tests.infra.project import FUNCTIONS


def files(assembly: Assembly, content: dict[str, object]) -> set[str]:
    """Return the files of the asset that a function or layer points at."""
    folder: Path = assembly.folder / f"asset.{str(content['S3Key']).removesuffix('.zip')}"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_function_carries_its_own_folder_and_no_other(dev: Assembly) -> None:
    for name in FUNCTIONS:
        assert files(dev, dev.functions[name].properties["Code"]) == {
            f"functions/{name}/handler.py",
            f"functions/{name}/wiring.py",
            f"functions/{name}/__pycache__/handler.cpython-313.pyc",
            f"functions/{name}/__pycache__/wiring.cpython-313.pyc",
        }


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
