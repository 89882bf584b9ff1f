"""The process environment of the tests, and how they are shared out: pytest -n 3 --dist loadfile.

The tools keep their state in a folder of their own, not in the checkout. Tests go by file, since those of a file
share what it has set up; the longest end-to-end runs come first, on two workers, and the third takes fast files
at a lower priority meanwhile, since they wait for servers. (Groups of xdist 3.8 do nothing under pytest 9.)
"""

import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from irstd.project.instructions import FIXED, fixed_part

_HOME = tempfile.TemporaryDirectory(prefix="irstd-prefect-", ignore_cleanup_errors=True)  # until the process ends
os.environ["PREFECT_HOME"] = _HOME.name
os.environ["XDG_CACHE_HOME"] = f"{_HOME.name}/cache"  # of graphs that `irstd detect` keeps
# Ray runs its workers at niceness 15, where anything else on a busy machine starves them.
os.environ.setdefault("RAY_worker_niceness", "0")
# Before torch is loaded: several workers share few cores, and threads that wait for each other burn twice the time.
os.environ.setdefault("OMP_NUM_THREADS", "1")
if os.environ.get("PYTEST_XDIST_WORKER") == "gw2":  # it fills the time in which end-to-end runs wait
    os.nice(10)
for name in ("RAY_ADDRESS", "MLFLOW_TRACKING_URI", "PREFECT_API_URL"):
    os.environ.pop(name, None)

_INSTRUCTIONS = fixed_part(os.environ)


@pytest.fixture(autouse=True)
def own_instructions() -> Iterator[None]:
    """Undo what a command called in this process has set; Ray's workers would compute otherwise than this process."""
    yield
    for name in FIXED:
        os.environ.pop(name, None)
    os.environ.update(_INSTRUCTIONS)


# End-to-end runs come in this order. Those of `pipelines` stand together: they share servers, which start anew whenever
# a worker comes back to that package. The first walks the project that others copy, so those that run beside it do
# without it.
ORDER = (
    "pipelines/test_road.py",
    "pipelines/test_stages.py",
    "pipelines/test_schedule.py",
    "pipelines/test_promote.py",
    "pipelines/test_retrain.py",
    "/pipelines/",
    "faults/test_nodes.py",
    "faults/test_kills.py",
    "faults/test_storage.py",
    "tracking/test_faults.py",
)


class FastBeside(LoadFileScheduling):  # type: ignore[misc]
    """Files in order, those with slow tests on the first two workers: three clusters of Ray wait for each other."""

    def _assign_work_unit(self, node: Any) -> None:
        slow_too = node.gateway.id in ("gw0", "gw1")
        scope = next((scope for scope in self.workqueue if slow_too or not is_slow(scope)), None)
        if scope is None:
            node.shutdown()
            return
        self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)


@cache
def is_slow(scope: str) -> bool:
    """Tell whether a file of tests names the mark."""
    return "mark.slow" in (Path(__file__).parents[1] / scope).read_text(encoding="utf-8")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FastBeside:
    """Return what shares the tests out."""
    return FastBeside(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let end-to-end runs begin, then the fast tests."""

    def place(item: pytest.Item) -> int:
        if item.get_closest_marker("slow") is None:
            return len(ORDER) + 1
        name = item.path.as_posix()
        return next((index for index, part in enumerate(ORDER) if part in name), len(ORDER))

    items.sort(key=place)
