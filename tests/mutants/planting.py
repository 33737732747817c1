"""A mistake as a change of the source, planted in modules that are loaded already."""

import importlib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

type Codes = Mapping[str, types.CodeType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """`right` occurs once in the source of the module; the test `caught_by` fails with `wrong`."""

    name: str
    module: str
    right: str
    wrong: str
    caught_by: str


def plant(mistake: Mistake) -> None:
    """Make the mistake in this process, for good. Raises LookupError if the source has changed."""
    module, path, source = source_of(mistake)
    changed = source.replace(mistake.right, mistake.wrong)
    before = _codes(compile(source, str(path), "exec", dont_inherit=True))
    after = _codes(compile(changed, str(path), "exec", dont_inherit=True))
    moved = {name: code for name, code in after.items() if not _is_same(before.get(name), code)}
    planted = [_replace(function, moved) for function in _functions(vars(module), module.__name__)]
    if not any([*planted, _set_values(module, changed)]):
        raise LookupError(f"{mistake.name}: it changes nothing that can be planted")


def source_of(mistake: Mistake) -> tuple[types.ModuleType, Path, str]:
    """Return what the mistake is planted in. Raises LookupError if the source has changed."""
    module = importlib.import_module(mistake.module)
    path = Path(str(module.__file__))
    source = path.read_text()
    if source.count(mistake.right) != 1:
        raise LookupError(f"{mistake.name}: {path.name} has not exactly one {mistake.right!r}")
    return module, path, source


def _codes(code: types.CodeType) -> Codes:
    """Return the code of every function of a module by its qualified name."""
    found: dict[str, types.CodeType] = {}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found[constant.co_qualname] = constant
            found.update(_codes(constant))
    return found


def _is_same(before: types.CodeType | None, after: types.CodeType) -> bool:
    return (
        before is not None and before.co_code == after.co_code and _plain(before) == _plain(after)
    )


def _plain(code: types.CodeType) -> tuple[object, ...]:
    inner = [_plain(each) if isinstance(each, types.CodeType) else each for each in code.co_consts]
    return (code.co_code, code.co_names, code.co_varnames, tuple(map(repr, inner)))


def _functions(namespace: Mapping[str, object], module: str) -> Iterator[types.FunctionType]:
    for value in list(namespace.values()):
        if isinstance(value, type) and value.__module__ == module:
            yield from _functions(vars(value), module)
            continue
        for function in _unwrapped(value):
            if function.__module__ == module:
                yield function


def _unwrapped(value: object) -> Iterator[types.FunctionType]:
    """Yield the functions behind a decorator, a property or a class method."""
    for each in (value, *(getattr(value, name, None) for name in ("fget", "func", "__func__"))):
        inner = getattr(each, "__wrapped__", None)
        if isinstance(inner, types.FunctionType):
            yield inner
        if isinstance(each, types.FunctionType):
            yield each


def _replace(function: types.FunctionType, codes: Codes) -> bool:
    code = codes.get(function.__code__.co_qualname)
    if code is None:
        return False
    function.__code__ = code
    return True


def _set_values(module: types.ModuleType, source: str) -> bool:
    """Give the module's own names their changed values, where these can be compared."""
    scratch = types.ModuleType(module.__name__)
    scratch.__file__ = module.__file__
    exec(compile(source, str(module.__file__), "exec", dont_inherit=True), vars(scratch))
    names = [
        name
        for name, value in vars(scratch).items()
        if not name.startswith("__")
        and isinstance(value, int | str | float | timedelta | tuple | frozenset | dict)
        and repr(value) != repr(vars(module).get(name))
    ]
    for name in names:
        setattr(module, name, cast("object", vars(scratch)[name]))
    return bool(names)
