"""Imports of the product against the dependencies declared in pyproject.toml."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = {"irstd", "pipelines"}


def imported() -> Iterator[str]:
    """Yield the top-level name of every import, those in functions included."""
    for package in OURS:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from (alias.name.split(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    yield node.module.split(".")[0]


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["smp"], *extras["pipeline"], *extras["serve"]]
    declared = {re.split(r"[\[<>=]", line)[0].lower().replace("_", "-") for line in lines}
    installed = packages_distributions()
    third = {name for name in imported() if name not in OURS | set(sys.stdlib_module_names)}
    assert third
    undeclared = {
        name
        for name in third
        if not {each.lower().replace("_", "-") for each in installed.get(name, [name])} & declared
    }
    assert undeclared == set()
