"""Everything that a page names exists."""

from pathlib import Path

import pytest

from tests.architecture import tree
from tests.architecture.claims import dead_links, missing, never_run, not_gone, unresolved
from tests.architecture.markdown import read, rows_under

FOLDERS_WITH_A_README = (
    *("functions", "infra", "layers", "tests", "events", "couponbus_sandbox", "couponbus_cli"),
    *("docs", "docs/decisions"),
)
DOCS = tree.ROOT / "docs"
DECISIONS = DOCS / "decisions"


def pages() -> list[Path]:
    """Return the pages that name what exists; the changelog names what is gone, too."""
    return [
        path
        for path in markdown_files()
        if path.name in ("README.md", "CONTRIBUTING.md") or path.is_relative_to(DOCS)
    ]


def markdown_files() -> list[Path]:
    return [path for path in tree.files() if path.suffix == ".md"]


def test_each_path_target_command_and_name_in_a_page_exists() -> None:
    claims = {
        tree.name(path): missing(read(tree.text(path)), beside=path.parent) for path in pages()
    }

    assert claims
    assert {page: names for page, names in claims.items() if names} == {}


def test_only_a_decision_names_what_is_gone_and_that_is_gone() -> None:
    """A rejected or replaced name is listed in the page's comment <!-- gone: ... -->."""
    found = {path: read(tree.text(path)) for path in pages()}
    decisions = [path for path in found if path.is_relative_to(DECISIONS)]

    others = [tree.name(path) for path in found if path not in decisions and found[path].gone]
    stale = {tree.name(path): not_gone(found[path], beside=path.parent) for path in decisions}
    assert others == []
    assert {page: names for page, names in stale.items() if names} == {}


def test_each_reference_to_a_page_leads_to_a_heading_of_it() -> None:
    """Covers code, tests and pages. A reference that is broken over two lines does not resolve."""
    dead = {
        tree.name(path): unresolved(path.read_bytes().decode("utf-8", "replace"))
        for path in tree.files()
    }

    assert {name: references for name, references in dead.items() if references} == {}


def test_each_link_in_a_page_leads_to_a_file_or_a_heading() -> None:
    found = {path: read(tree.text(path)) for path in markdown_files()}
    dead = {tree.name(path): dead_links(page, at=path) for path, page in found.items()}

    assert any(page.links for page in found.values())
    assert {name: links for name, links in dead.items() if links} == {}


def test_each_command_that_the_readme_shows_is_a_target_or_is_run_by_a_test() -> None:
    readme = read(tree.text(tree.ROOT / "README.md"))

    assert readme.commands
    assert never_run(readme) == []


def test_each_top_folder_says_what_it_is_for() -> None:
    silent = [
        name for name in FOLDERS_WITH_A_README if not (tree.ROOT / name / "README.md").exists()
    ]

    assert silent == []


def test_the_index_of_docs_lists_each_page() -> None:
    index = read(tree.text(DOCS / "README.md")).links

    assert [page.name for page in DOCS.glob("*.md") if page.name not in {*index, "README.md"}] == []


def test_the_index_of_decisions_lists_each_with_its_number_date_and_title() -> None:
    listed = rows_under(tree.text(DECISIONS / "README.md"), "Decisions")
    entries = [path for path in sorted(DECISIONS.glob("*.md")) if path.name != "README.md"]

    assert listed == [_listing(path, number=at) for at, path in enumerate(entries, start=1)]


def _listing(entry: Path, *, number: int) -> list[str]:
    title, _, date, *_ = tree.text(entry).splitlines()
    return [
        f"{number:04}",
        date.removeprefix("Date: "),
        f"[{title.removeprefix('# ')}]({number:04}{entry.name[4:]})",
    ]


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
        "NoSuchClass".replace("Such", "Other"),
        "Row.no_such_field".replace("such", "other"),
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
        "BarcodeIssued",
        "Row.due_at",
        "StartMessageMoveTask",
        "zipapp.get_interpreter",
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


def test_what_a_page_says_is_gone_may_be_missing_but_must_be_gone_and_named() -> None:
    gone = "no_such_module.py"
    page = read(f"`{gone}` was it.\n<!-- gone: {gone},\npyproject.toml, never_named.py -->")

    assert missing(page, beside=tree.ROOT) == []
    assert not_gone(page, beside=tree.ROOT) == ["pyproject.toml", "never_named.py"]


def test_headings_have_the_anchors_that_github_gives_them() -> None:
    page = read(
        "# A `name_of` it: two, *three*!\n## See [it](x.md) / work\n## Again\n"
        "```bash\n# no heading\n```\n### Again ##\n#none\n## Again\n"
    )

    assert page.anchors == (
        "a-name_of-it-two-three",
        "see-it--work",
        *("again", "again-1", "again-2"),
    )


@pytest.mark.parametrize(
    ("link", "is_dead"),
    [
        ("../CONTRIBUTING.md", False),
        ("../CONTRIBUTING.md#the-look", False),
        ("../CONTRIBUTING.md#the-looks", True),
        ("../CONTRIBUTING.md#", True),
        ("README.md", False),
        ("#tests", False),
        ("#no-such-heading", True),
        ("../infra", False),
        ("architecture/tree.py", False),
        ("architecture/tree.py#files", True),
        ("CONTRIBUTING.md", True),
        ("../../outside.md", True),
        ("https://example.com/#there", False),
        ("mailto:someone@example.com", False),
    ],
)
def test_a_link_is_dead_that_leads_to_no_file_or_heading(link: str, is_dead: bool) -> None:
    page = read(f"See [`this`]({link}), and `[not](this.md)`.\n```\n[nor](that.md)\n```\n")

    assert page.links == (link,)
    assert dead_links(page, at=tree.ROOT / "tests" / "README.md") == ([link] if is_dead else [])


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("(DOCS/nowhere.md#states).", "DOCS/nowhere.md#states"),
        ("see `DOCS/nowhere.md`", "DOCS/nowhere.md"),
        ("../DOCS/nowhere.md, and", "DOCS/nowhere.md"),
        ("DOCS/decisions/0001-nowhere.md.", "DOCS/decisions/0001-nowhere.md"),
        ("(DOCS/nowhere.md#\nstates)", "DOCS/nowhere.md#"),
        ("(DOCS/no-\nwhere.md#states)", "DOCS/no-"),
    ],
)
def test_a_reference_to_no_page_is_found_and_one_that_is_broken_in_two(
    written: str, read_as: str
) -> None:
    text = written.replace("DOCS", DOCS.name)

    assert unresolved(text) == [read_as.replace("DOCS", DOCS.name)]


@pytest.mark.parametrize(
    "written", ["https://example.com/DOCS/nowhere.md", "old-DOCS/nowhere.md", "DOCS/<page>.md"]
)
def test_what_is_no_page_of_ours_is_no_reference(written: str) -> None:
    assert unresolved(written.replace("DOCS", DOCS.name)) == []


def test_a_reference_to_a_heading_resolves_and_one_to_another_heading_does_not() -> None:
    page = next(path for path in pages() if path.parent == DOCS)
    anchor = read(tree.text(page)).anchors[-1]
    good = f"{tree.name(page)}#{anchor}"

    assert unresolved(f"See {good}, or {good}-no.") == [f"{good}-no"]
