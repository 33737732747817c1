"""Finds the names on a page that refer to nothing that exists."""

import ast
import fnmatch
import itertools
import posixpath
import re
import sys
from functools import cache
from pathlib import Path

from tests.architecture import tree
from tests.architecture.markdown import Page, read

TARGET = re.compile(r"(?m)^([a-z][a-z-]*):")
PATH_LIKE = re.compile(r"^\.{0,2}/?[\w.<>{},*-]+(/[\w.<>{},*-]*)+$")
FILE_LIKE = re.compile(r"^[\w.-]+\.(md|py|toml|json|txt|in|yaml|yml)$")
NAME = re.compile(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")
# AWS actions that operators are allowed; the code calls them by another name, or not at all.
AWS_ACTION = re.compile(r"^(Batch|Create|Delete|Describe|Get|List|Put|Start|Update)[A-Z]")
# A page in `docs`, but not in a URL; a match without .md at a line's end is a broken reference.
REFERENCE = re.compile(r"(?m)(?<![\w-])(?<!\w/)docs/(?:[\w/.-]*?\.md(?:#[\w-]*)?|[\w/-]+$)")
ELSEWHERE = re.compile(r"^[a-z][a-z+]*:")
OF_A_USER = "couponbus.yaml"
# Commands that work before anything is installed.
ALWAYS = ("git clone ", "cd ")


def missing(page: Page, *, beside: Path) -> list[str]:
    """Return the code spans that name a missing path, target, command or identifier.

    Names that the page lists as gone may be missing.
    """
    named = [span for span in page.spans if span not in page.gone]
    return [span for span in named if not _exists(span.strip(), beside=beside)]


def not_gone(page: Page, *, beside: Path) -> list[str]:
    """Return the names listed as gone that exist, or that the page does not mention."""
    return [name for name in page.gone if name not in page.spans or _exists(name, beside=beside)]


def unresolved(text: str) -> list[str]:
    """Return the references to a page or heading in `docs` that does not exist."""
    found = dict.fromkeys(REFERENCE.findall(text))
    return [reference for reference in found if not _leads_somewhere(reference, tree.ROOT)]


def dead_links(page: Page, *, at: Path) -> list[str]:
    """Return the links from a page to no file, folder or heading of the repository."""
    links = [link for link in page.links if not ELSEWHERE.match(link)]
    return [
        link
        for link in links
        if not _leads_somewhere(f"{at.name}{link}" if link.startswith("#") else link, at.parent)
    ]


def never_run(page: Page) -> list[str]:
    """Return the commands that are no make target and that no test executes.

    A test declares it by a module-level tuple EXECUTES of the commands' beginnings.
    """
    known = executed_by_tests()
    return [command for command in page.commands if not _is_run(command, known=known)]


@cache
def executed_by_tests() -> tuple[str, ...]:
    """Return the beginnings of commands that tests say they execute."""
    found: list[str] = []
    for path in tree.python_files(tree.ROOT / "tests"):
        for node in ast.parse(tree.text(path)).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXECUTES":
                found += ast.literal_eval(node.value)
    return tuple(found)


@cache
def targets() -> frozenset[str]:
    return frozenset(TARGET.findall(tree.text(tree.ROOT / "Makefile")))


@cache
def cli_words() -> frozenset[str]:
    """Return the first-level commands of the CLI, from typer."""
    import typer.main  # noqa: PLC0415 - only pages that name the command pay for it

    from couponbus_cli.main import app  # noqa: PLC0415

    return frozenset(getattr(typer.main.get_command(app), "commands", {}))


@cache
def vocabulary() -> frozenset[str]:
    """Return every word of the code; a page may name no other."""
    sources = [path for path in tree.files() if path.suffix in {".py", ".toml", ".json", ""}]
    words = (re.findall(r"\w+", path.read_bytes().decode("utf-8", "ignore")) for path in sources)
    return frozenset(itertools.chain.from_iterable(words))


def _is_run(command: str, *, known: tuple[str, ...]) -> bool:
    if command.startswith(("make ", *ALWAYS)):
        return not command.startswith("make ") or _is_target(command)
    return command.startswith(known) if known else False


def _leads_somewhere(target: str, beside: Path) -> bool:
    path, _, anchor = target.partition("#")
    name = posixpath.normpath(f"{tree.name(beside)}/{path}")
    if name not in _names():
        return False
    return "#" not in target or anchor in _anchors(name)


@cache
def _anchors(name: str) -> tuple[str, ...]:
    return read(tree.text(tree.ROOT / name)).anchors if name.endswith(".md") else ()


def _is_target(command: str) -> bool:
    words = [word for word in command.split()[1:] if "=" not in word and not word.startswith("-")]
    return all(word in targets() for word in words)


def _exists(span: str, *, beside: Path) -> bool:
    if span.startswith("make "):
        return _is_target(span)
    if command := re.match(r"^couponbus ([a-z][a-z-]*)", span):
        return command.group(1) in cli_words()
    if span == OF_A_USER:
        return True
    if FILE_LIKE.match(span) or _is_our_path(span, beside=beside):
        return _is_there(span, beside=beside)
    if NAME.match(span) and not AWS_ACTION.match(span) and not _is_of_python(span):
        return vocabulary().issuperset(span.split("."))
    return True


def _is_of_python(name: str) -> bool:
    module, _, rest = name.partition(".")
    return bool(rest) and module in sys.stdlib_module_names


def _is_our_path(span: str, *, beside: Path) -> bool:
    """Exclude API paths (/barcode) and paths of other systems."""
    if not PATH_LIKE.match(span):
        return False
    first = span.lstrip("./").split("/")[0]
    tops = {path.name for place in (tree.ROOT, beside) for path in place.iterdir()}
    return "/" in span and (first in {*tops, "couponbus"} or span.startswith("."))


def _is_there(span: str, *, beside: Path) -> bool:
    for alternative in _alternatives(span):
        path = re.sub(r"<[^>]*>", "*", alternative).rstrip("/")
        if _is_built(path):
            continue
        readings = [posixpath.normpath(f"{tree.name(beside)}/{path}"), path]
        # The package is named as it is imported, a kind of file (handler.py) by its bare name.
        readings.append(f"layers/shared/python/{path}" if "/" in path else f"*/{path}")
        if not any(fnmatch.filter(_names(), reading) for reading in readings):
            return False
    return True


@cache
def _names() -> frozenset[str]:
    """Return each file and each folder that holds one."""
    return frozenset(
        tree.name(part)
        for path in tree.files()
        for part in (path, *path.parents)
        if part.is_relative_to(tree.ROOT)
    )


def _is_built(path: str) -> bool:
    ignored = tree.text(tree.ROOT / ".gitignore").splitlines()
    built = [line.strip("/") for line in ignored if line.startswith("/")]
    return any(path == each or path.startswith(f"{each}/") for each in built)


def _alternatives(span: str) -> list[str]:
    """Write {a,b} out."""
    match = re.search(r"\{([^}]*)\}", span)
    if not match:
        return [span]
    before, after = span[: match.start()], span[match.end() :]
    return [
        whole
        for choice in match.group(1).split(",")
        for whole in _alternatives(f"{before}{choice.strip()}{after}")
    ]
