"""Python imports this first where its folder is on PYTHONPATH: dies in the middle of a write to MLflow's database.

IRSTD_DIES_IN is `MODULE N`: the process that runs `python -m MODULE` is killed at the N-th commit of a transaction that
has written, when the rows are sent and the journal is still beside the database.
"""

import os
import signal
import sys
from pathlib import Path

_JOURNAL = Path("var/mlflow.db-journal")


def _prepare(commits: int) -> None:
    from sqlalchemy import event  # noqa: PLC0415 - only in the process that is to die
    from sqlalchemy.engine import Engine  # noqa: PLC0415

    left = commits

    def on_commit(connection: object) -> None:
        nonlocal left
        if _JOURNAL.exists():
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", on_commit)


_MODULE, _, _COMMITS = os.environ.get("IRSTD_DIES_IN", "").partition(" ")
if _MODULE and _MODULE in sys.orig_argv:
    _prepare(int(_COMMITS))
