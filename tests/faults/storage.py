"""Full and read-only disks under every command: `python -m tests.faults.storage [WORD …]` prints survived of tried.

With words only the rows that hold one of them. Exit code 1 where a try was not survived: a message of another form
than one line, a file that is not as it was, a champion that changed, or no way on once there is space.
"""

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

import tests.conftest  # noqa: F401 - the environment of the tests
from pipelines.servers.embedded import prefect_server
from tests.faults.disk import namespace, run_case
from tests.faults.projects import begun, gone_all_the_way
from tests.faults.rows import BEGUN, FULLER, Row

console = Console(highlight=False, soft_wrap=True)


def main(words: Sequence[str]) -> int:
    """Try all rows and print them; the exit code."""
    if namespace() is None:
        console.print("this machine gives no mount namespace (`unshare -m`, as root or as a user): nothing was tried")
        return 1
    wanted = [[row for row in rows if not words or any(word in str(row) for word in words)] for rows in (BEGUN, FULLER)]
    survived = tried = 0
    with tempfile.TemporaryDirectory() as scratch, prefect_server() as url:
        for rows, make in zip(wanted, (begun, gone_all_the_way), strict=True):
            if rows:
                (folder := Path(scratch) / make.__name__).mkdir()
                make(folder)
            for row in rows:
                good, all_ = _try(row, str(folder), {"PREFECT_API_URL": url})
                survived, tried = survived + good, tried + all_
    console.print(f"{survived} of {tried} survived", style="bold")
    return 0 if survived == tried else 1


def _try(row: Row, project: str, prefect: Mapping[str, str]) -> tuple[int, int]:
    """Print the row: survived, tried, seconds, and what it says or what was wrong."""
    start, said, wrong, survived = time.monotonic(), list[str](), list[str](), 0
    cases = row.cases(project, prefect)
    for case in cases:
        outcome = run_case(case)
        survived += not outcome.faults
        wrong += [f"{case.room_kb} KiB: {fault}" for fault in outcome.faults]
        said += [line for line in outcome.errors if line not in said]
        if outcome.faults:
            wrong += [f"    {line}" for line in (outcome.told or outcome.lines)[-12:]]
    seconds = time.monotonic() - start
    line = f"{survived}/{len(cases)}  {row}  ({seconds:.0f} s)"
    console.print(line, style="red" if wrong else None, markup=False)
    for line in [*said, *wrong]:
        console.print(f"       {line.replace(project, '…')[:220]}", style="dim", markup=False)
    return survived, len(cases)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
