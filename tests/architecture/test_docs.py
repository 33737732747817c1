"""Whatever a page names exists."""

from pathlib import Path

import pytest

from tests.architecture import tree
from tests.architecture.claims import missing, never_run
from tests.architecture.markdown import read

FOLDERS_WITH_A_README = ("functions", "infra", "layers", "tests", "events", "sandbox", "cli")


def pages() -> list[Path]:
    """Return the pages for readers; decisions and the changelog may name what is gone."""
    return [path for path in tree.files() if path.name in ("README.md", "CONTRIBUTING.md")]


def test_each_path_target_command_and_name_in_a_page_exists() -> None:
    claims = {
        tree.name(path): missing(read(tree.text(path)), beside=path.parent) for path in pages()
    }

    assert claims
    assert {page: names for page, names in claims.items() if names} == {}


def test_each_command_that_the_readme_shows_is_a_target_or_is_run_by_a_test() -> None:
    readme = read(tree.text(tree.ROOT / "README.md"))

    assert readme.commands
    assert never_run(readme) == []


def test_each_top_folder_says_what_it_is_for() -> None:
    silent = [
        name for name in FOLDERS_WITH_A_README if not (tree.ROOT / name / "README.md").exists()
    ]

    assert silent == []


@pytest.mark.parametrize(
    "claim",
    [
        "make coffee",
        "tests/nowhere.py",
        "layers/nothing/",
        "vendor/nothing.txt",
        "functions/{no_such,one}/handler.py",
        "no_such.md",
        "no_such_function_anywhere".replace("anywhere", "at_all"),
        "NO_SUCH_VARIABLE".replace("SUCH", "OTHER"),
        "../no-such-folder/README.md",
        "couponbus/no_such_module.py",
    ],
)
def test_a_claim_about_nothing_is_found(claim: str) -> None:
    page = read(f"See `{claim}` for more.")

    assert missing(page, beside=tree.ROOT / "layers") == [claim]


@pytest.mark.parametrize(
    "claim",
    [
        "make layers",
        "make soak SECONDS=300",
        "layers/vendor",
        "couponbus/ports",
        "../tests/architecture/",
        "vendor/requirements.in",
        "layers/{build,trim}.py",
        "layers/vendor/build/<arch>/",
        "build.py",
        "pyproject.toml",
        "conftest.py",
        "JSII_NODE",
        "bundled_node",
        "/barcode/batch",
        "application/json",
        "POST /barcode",
    ],
)
def test_a_claim_about_something_passes(claim: str) -> None:
    assert missing(read(f"See `{claim}` for more."), beside=tree.ROOT / "layers") == []


def test_commands_are_read_from_shell_blocks_with_their_continuations() -> None:
    page = read("```bash\n# first\nmake demo  # shows it\nfoo \\\n  --bar\n```\n```json\n{}\n```\n")

    assert page.commands == ("make demo", "foo --bar")
    assert never_run(page) == ["foo --bar"]
