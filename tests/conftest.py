"""The process environment of the tests, and how they are shared out: pytest -n 2 --dist loadgroup.

The tools keep their state in a folder of their own, not in the checkout. The end-to-end runs go by file, the longest
first, since the tests of a file share what it has set up; the fast tests come last.
"""

import os
import tempfile

import pytest

_HOME = tempfile.TemporaryDirectory(prefix="irstd-prefect-", ignore_cleanup_errors=True)  # until the process ends
os.environ["PREFECT_HOME"] = _HOME.name
# Ray runs its workers at niceness 15, where anything else on a busy machine starves them.
os.environ.setdefault("RAY_worker_niceness", "0")
for name in ("RAY_ADDRESS", "MLFLOW_TRACKING_URI", "PREFECT_API_URL"):
    os.environ.pop(name, None)

# Files of end-to-end runs by the seconds that they take, roughly; only the order matters.
LONGEST = (
    "pipelines/test_road.py",
    "faults/test_nodes.py",
    "faults/test_storage.py",
    "pipelines/test_ingest.py",
    "faults/test_kills.py",
    "pipelines/test_retrain.py",
    "pipelines/servers/test_open_doors.py",
)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each file of end-to-end runs a group of its own, and let the longest begin."""

    def place(item: pytest.Item) -> int:
        if item.get_closest_marker("slow") is None:
            return len(LONGEST) + 1
        name = item.path.as_posix()
        return next((index for index, long in enumerate(LONGEST) if name.endswith(long)), len(LONGEST))

    for item in items:
        if item.get_closest_marker("slow") is not None:
            item.add_marker(pytest.mark.xdist_group(item.path.as_posix()))
    items.sort(key=place)
