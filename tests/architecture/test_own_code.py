"""Our own code is compiled where it is deployed from, never forgotten and never stale."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

import couponbus
from layers import own, zips
from tests.architecture import tree

HANDLER = Path("functions/one/handler.py")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a root with a function, and with byte code of another start beside its source."""
    for name in ("one", "two"):
        folder = tmp_path / "functions" / name
        (folder / "__pycache__").mkdir(parents=True)
        (folder / "handler.py").write_text("NAMES = {'k', 'l', 'm', 'n'}\nSAID = 'first'\n")
        (folder / "__pycache__" / "handler.cpython-312.pyc").write_bytes(b"old")
    return tmp_path


def said(folder: Path) -> object:
    """Return what the byte code of a built handler says, whatever its source does."""
    spec = importlib.util.spec_from_file_location("handler", folder / HANDLER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SAID


def content_of(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in zips.files_of(folder)}


def test_a_source_that_changed_is_compiled_again(project: Path) -> None:
    before = said(own.function(project, "one"))
    source = project / HANDLER
    source.write_text(source.read_text().replace("first", "other"))

    assert (before, said(own.function(project, "one"))) == ("first", "other")


@pytest.mark.parametrize("change", ["added", "gone", "renamed"])
def test_a_file_that_comes_or_goes_or_moves_is_noticed(project: Path, change: str) -> None:
    source = project / HANDLER
    source.with_name("wiring.py").write_text("")
    own.function(project, "one")
    match change:
        case "added":
            source.with_name("more.py").write_text("")
        case "gone":
            source.with_name("wiring.py").unlink()
        case "renamed":
            source.with_name("wiring.py").rename(source.with_name("other.py"))

    built = own.function(project, "one")

    names = {path.name for path in source.parent.glob("*.py")}
    assert {path.name for path in built.rglob("*.py")} == names
    assert {path.name.partition(".")[0] for path in built.rglob("*.pyc")} == {
        name.partition(".")[0] for name in names
    }


def test_what_was_interrupted_is_made_again_even_if_the_change_is_taken_back(
    tmp_path: Path,
) -> None:
    def killed(unfinished: Path) -> None:
        raise KeyboardInterrupt(unfinished)

    folder = tmp_path / "zip"
    zips.write(folder, Path.mkdir, wanted="a source")
    with pytest.raises(KeyboardInterrupt):
        zips.write(folder, killed, wanted="another one")

    assert zips.write(folder, Path.mkdir, wanted="a source")


def test_of_what_did_not_change_nothing_is_compiled(project: Path) -> None:
    first, other = (own.function(project, name) for name in ("one", "two"))
    before = first.stat().st_ino, other.stat().st_ino
    (project / HANDLER).write_text("SAID = 'other'\n")

    after = [own.function(project, name).stat().st_ino for name in ("one", "two")]

    assert [new == old for new, old in zip(after, before, strict=True)] == [False, True]


def test_another_builder_or_interpreter_compiles_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own.function(project, "one").stat().st_ino

    monkeypatch.setattr(sys, "version", "3.13.99")

    assert own.function(project, "one").stat().st_ino != before


def test_the_same_sources_have_the_same_bytes_wherever_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = shutil.copytree(tree.COUPONBUS, tmp_path / "site-packages" / "couponbus")
    monkeypatch.setattr(couponbus, "__path__", [str(installed)])

    here, there = (content_of(own.shared_layer(root)) for root in (tree.ROOT, tmp_path))

    assert len(here) > 500
    assert here == there
    assert str(tree.ROOT).encode() not in b"".join(here.values())


def test_only_sources_and_their_byte_code_are_in_it(project: Path) -> None:
    assert {path.as_posix() for path in content_of(own.function(project, "one"))} == {
        "functions/one/handler.py",
        f"functions/one/__pycache__/handler.{sys.implementation.cache_tag}.pyc",
    }


def test_code_is_compiled_for_the_runtime_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "RUNTIME", "3.12")

    with pytest.raises(SystemExit, match=r"compiled for Python 3\.12, this is Python 3\.13"):
        own.function(project, "one")
