"""Digests of code: they change when the work changes, not when a comment, a docstring or the layout of a line does."""

import ast
import hashlib
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from grimp import ImportGraph


def closure(graph: ImportGraph, starts: Iterable[str], outside: Iterable[str]) -> frozenset[str]:
    """Return `starts` and every module of the graph that they import, directly or not.

    A module's packages belong to it, since Python runs their `__init__` first; top-level packages do not.
    Imports inside functions count.

    Args:
        graph: of the packages to look into.
        starts: names of modules.
        outside: modules and packages that are not followed; a start is followed even if it is one.
    """
    cut = tuple(outside)
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        imported = [*graph.find_modules_directly_imported_by(module), module.rpartition(".")[0]]
        waiting += [each for each in imported if "." in each and not _within(each, cut)]
    return frozenset(found)


def digest(modules: Iterable[str], files: Iterable[Path], code_hash: Callable[[str], str]) -> str:
    """Hash the code of `modules`, each by its `code_hash`, and the bytes of `files`: SHA-256, 64 hex digits.

    The same on every machine and for Python 3.11 and 3.12.
    """
    total = hashlib.sha256()
    for module in sorted(modules):
        total.update(f"{module} {code_hash(module)}\n".encode())
    for path in sorted(files):
        total.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def code_hash(module: str) -> str:
    """Return the hash of a module's code without comments, docstrings and layout: SHA-256, 64 hex digits.

    Raises:
        LookupError: there is no such module.
    """
    parts = list[str]()
    _dump(ast.parse(source_of(module).read_bytes()), parts)
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in packages)


def source_of(module: str) -> Path:
    """Return the source file of a module, importing no more than its top-level package.

    Raises:
        LookupError: there is none.
    """
    package, *parts = module.split(".")
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        place = Path(folder).joinpath(*parts)
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                return path
    raise LookupError(f"{module}: no source file")


def _dump(node: object, parts: list[str]) -> None:
    """Append a syntax tree to `parts`, without positions and docstrings.

    Unlike `ast.dump` it leaves out empty fields, since newer Pythons add such fields to old nodes.
    """
    if isinstance(node, ast.AST):
        parts.append(f"({type(node).__name__}")
        for name, value in ast.iter_fields(node):
            kept = _without_docstring(node, value) if name == "body" else value
            if kept is not None and kept != []:
                parts.append(f" {name}=")
                _dump(kept, parts)
        parts.append(")")
    elif isinstance(node, list):
        parts.append("[")
        for each in node:
            _dump(each, parts)
        parts.append("]")
    else:
        parts.append(repr(node))


def _without_docstring(node: ast.AST, body: Any) -> Any:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return body
    return body if ast.get_docstring(node, clean=False) is None else body[1:]
