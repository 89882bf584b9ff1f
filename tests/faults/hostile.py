"""Run the tests that docs/trust.md names and print its table with what came of each row.

    python -m tests.faults.hostile [--slow]

Without `--slow` the rows marked slow, which need real servers, are left out.
"""

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/trust.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`( \(slow\))?")


@dataclass(frozen=True)
class Named:
    """A test, or all tests of a file, that docs/trust.md names."""

    path: str
    name: str
    slow: bool

    def __str__(self) -> str:
        return f"{self.path}::{self.name}" if self.name else self.path

    def holds(self, case: ET.Element) -> bool:
        """Return True for the result of this test, or of one of this file."""
        module = self.path.removesuffix(".py").replace("/", ".")
        name = (case.get("name") or "").partition("[")[0]
        return f"{case.get('classname')}.".startswith(f"{module}.") and self.name in ("", name)


def rows(page: str) -> list[tuple[str, list[Named]]]:
    """Return the input and the tests of each row of the page's tables."""
    found = []
    for line in page.splitlines():
        tests = [Named(path, name, bool(slow)) for path, name, slow in _TEST.findall(line)]
        if line.startswith("|") and tests:
            found.append((line.split("|")[1].strip().replace("`", ""), tests))
    return found


def results(tests: Sequence[Named], folder: Path, *, slow: bool) -> list[ET.Element]:
    """Run the tests; return the result of each case."""
    report = folder / "results.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    command += [] if slow else ["-m", "not slow"]
    subprocess.run([*command, *dict.fromkeys(map(str, tests))], cwd=ROOT, check=False)
    return list(ET.parse(report).getroot().iter("testcase"))


def outcome(case: ET.Element) -> str:
    """Return passed, skipped or failed."""
    kinds = {child.tag for child in case}
    return "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 if a test failed or a row has none that passed."""
    slow = "--slow" in arguments
    table = Table("input", "passed", "skipped", "failed", title="bad input (docs/trust.md)")
    every = [(what, [each for each in tests if slow or not each.slow]) for what, tests in rows(PAGE.read_text())]
    with tempfile.TemporaryDirectory() as scratch:
        cases = results([each for _, tests in every for each in tests], Path(scratch), slow=slow)
    bad = 0
    for what, tests in every:
        count = Counter(outcome(case) for case in cases if any(each.holds(case) for each in tests))
        bad += bool(tests) and (count["failed"] > 0 or count["passed"] == 0)
        cells = [str(count[each]) for each in ("passed", "skipped", "failed")] if tests else ["slow", "", ""]
        table.add_row(what, *cells)
    Console(highlight=False, width=None if sys.stdout.isatty() else 140).print(table)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
