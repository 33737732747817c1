"""No registry host, machine path, key, unfinished code or outside source is committed.

The patterns are assembled from pieces, so that this file does not match them itself.
"""

import re

import pytest

from tests.architecture import tree

REGISTRY = r"(?i)\b(" + "|".join(("py" + "pi", "python" + "hosted", "npm" + "js")) + r")\.(org|com)"
MACHINE = r"(^|[^A-Za-z0-9_.])/(" + "|".join(("wor" + "k", "roo" + "t", "far" + "m")) + ")/"
UNFINISHED = "|".join(
    (
        r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b",
        "NotImpl" + "ementedError",
        r"mark\.(sk" + r"ip|xf" + r"ail)",
        r"pytest\.(sk" + r"ip|xf" + r"ail)\b",
    )
)
MOCK = "|".join(("unittest" + r"\.mock", "from mock " + "import", "Magic" + "Mock"))
# The keys in the providers' own examples, and the forms of private keys and AWS ids.
KEYS = "|".join(
    (
        "MGQz" + "MTA3",
        "64a287" + "ae534c",
        "0821f419" + "0897965c",
        "AKIA" + "[0-9A-Z]{16}",
        "-----BEGIN [A-Z ]*PRIVATE" + " KEY",
    )
)
# Documents outside the repository.
PAPERS = (
    r"\b(RELIABILITY|PERFORMANCE|PROVIDERS|FEATURES|ARCHITECTURE|EDGES|HOUSE|COST|OPERATOR|FIDELITY"
    r"|FIRST_HOUR)\b"
)
SOURCES = "|".join(
    (PAPERS + r"(\.md|[\s#]*§?\s*[A-Z]?[0-9])", r"(?i:\bthe is" + r"sue\b(?! of\b))")
)
LOCKS_WITH_ADDRESSES = {
    "uv" + ".lock",
    "package-" + "lock.json",
    "poetry" + ".lock",
    "Pipfile.lock",
}


def found(pattern: str, *, suffix: str = "") -> list[str]:
    """Return `file:line` of each match in the repository."""
    search = re.compile(pattern, re.MULTILINE)
    return [
        f"{tree.name(path)}:{text.count('\n', 0, match.start()) + 1}"
        for path in tree.files()
        if path.name.endswith(suffix)
        for text in [path.read_bytes().decode("utf-8", "replace")]
        for match in search.finditer(text)
    ]


@pytest.mark.parametrize(
    ("pattern", "suffix"),
    [
        pytest.param(REGISTRY, "", id="no host of a package registry"),
        pytest.param(MACHINE, "", id="no path of a machine"),
        pytest.param(KEYS, "", id="no key"),
        pytest.param(UNFINISHED, ".py", id="nothing unfinished or skipped"),
        pytest.param(MOCK, ".py", id="fakes that behave"),
        pytest.param(SOURCES, "", id="no source outside of it"),
        pytest.param(PAPERS, ".md", id="no page that names one"),
    ],
)
def test_the_repository_has(pattern: str, suffix: str) -> None:
    assert found(pattern, suffix=suffix) == []


def test_requirement_files_carry_hashes_and_no_addresses() -> None:
    locks = [path for path in tree.files() if path.name == "requirements.txt"]

    assert len(locks) == 5
    for lock in locks:
        pins = [line for line in tree.text(lock).splitlines() if re.match(r"[a-z0-9]", line)]
        assert pins
        assert [pin for pin in pins if not re.search(r"==.* \\$", pin)] == []
        assert "://" not in tree.text(lock)


def test_no_lock_file_with_download_addresses_is_kept() -> None:
    assert [tree.name(path) for path in tree.files() if path.name in LOCKS_WITH_ADDRESSES] == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (REGISTRY, "see https://" + "pypi" + ".org/project"),
        (MACHINE, "path = '/" + "work/main'"),
        (KEYS, "key=64a287" + "ae534cf1"),
        (UNFINISHED, "# TO" + "DO later"),
        (MOCK, "from unittest" + ".mock import patch"),
        (SOURCES, "(PROVIDERS" + " 3.4, 7)"),
        (SOURCES, "as in FEATURES" + "\n    # F3"),
        (SOURCES, "see RELIABILITY" + ".md"),
        (SOURCES, "The is" + "sue has one row"),
        (PAPERS, "each trap of PROVIDERS once"),
    ],
)
def test_each_pattern_finds_what_it_is_for(pattern: str, line: str) -> None:
    assert re.search(pattern, line)


@pytest.mark.parametrize("line", ["from the is" + "sue of a barcode on", "for each in PROVIDERS:"])
def test_words_that_are_no_sources_are_let_be(line: str) -> None:
    assert not re.search(SOURCES, line)
