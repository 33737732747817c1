"""Finds code that makes a decision depend on anything but its arguments."""

import ast
import sys
from collections.abc import Iterator

# Packages through which the clock, chance, the machine or the network comes in.
IMPURE = {
    *("asyncio", "concurrent", "multiprocessing", "queue", "signal", "threading"),
    *("os", "pathlib", "platform", "shutil", "socket", "ssl", "subprocess", "sys", "tempfile"),
    *("random", "secrets", "time"),
    *("http", "urllib", "requests", "urllib3"),
    *("boto3", "botocore", "aws_lambda_powertools", "logging"),
}
PURE_PARTS = ("urllib.parse.",)  # exempt from the packages above: pure functions of text
IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "open", "print", "input", "sleep"}


def impurities(source: str) -> list[str]:
    """Return one line for each import or call that reads or changes the world."""
    return [found for node in ast.walk(ast.parse(source)) for found in _impurities_of(node)]


def third_parties(source: str, *, allowed: str) -> list[str]:
    """Return the imports that are neither the standard library nor start with `allowed`."""
    return [
        name
        for node in ast.walk(ast.parse(source))
        for name in _imported(node)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(allowed)
    ]


def _impurities_of(node: ast.AST) -> Iterator[str]:
    for name in _imported(node):
        is_pure = f"{name}.".startswith(PURE_PARTS)
        has_name = name.rpartition(".")[2] in ("uuid1", "uuid4")
        if has_name or (name.split(".")[0] in IMPURE and not is_pure):
            yield f"line {getattr(node, 'lineno', 0)} imports {name}"
    if isinstance(node, ast.Call) and (called := _called(node.func)) in IMPURE_CALLS:
        yield f"line {node.lineno} calls {called}"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def _called(function: ast.expr) -> str:
    """Return the last name, unless the call is to a port that the caller passed in."""
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        # datetime.now() reads the clock; self.clock.now() and clock.now() ask a port.
        owner = function.value.id
        return function.attr if owner in ("datetime", "date", "uuid", "time", "dt") else ""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Attribute):
        owner = function.value.attr
        return function.attr if owner in ("datetime", "date") else ""
    return ""
