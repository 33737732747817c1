"""Coverage while tests are collected: of the modules that are imported, and of nothing else.

Collecting runs the code of pytest, which is not measured and takes twice as long under a tracer.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

import coverage

MEASURED = (
    "couponbus",
    "couponbus_cli",
    "couponbus_sandbox",
    "events",
    "functions",
    "infra",
    "layers",
)


@contextmanager
def only_imports_are_traced() -> Generator[None]:
    """Pause tracing, if there is any, but for the code of product modules as they are imported."""
    tracer = coverage.Coverage.current()
    if tracer is None:
        yield
        return
    finder = _Finder(tracer)
    sys.meta_path.insert(0, finder)
    tracer.stop()
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        tracer.start()


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, tracer: coverage.Coverage) -> None:
        self._tracer = tracer

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in MEASURED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path, tracer=self._tracer)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, *, tracer: coverage.Coverage) -> None:
        super().__init__(fullname, path)
        self._tracer = tracer

    def exec_module(self, module: ModuleType) -> None:
        if sys.gettrace() is not None:  # imported by another product module
            super().exec_module(module)
            return
        self._tracer.start()
        try:
            super().exec_module(module)
        finally:
            self._tracer.stop()
