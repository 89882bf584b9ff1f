"""The process environment of the tests: the tools keep their state in a folder of their own, not in the checkout."""

import os
import tempfile

_HOME = tempfile.TemporaryDirectory(prefix="irstd-prefect-", ignore_cleanup_errors=True)  # until the process ends
os.environ["PREFECT_HOME"] = _HOME.name
# Ray runs its workers at niceness 15, where anything else on a busy machine starves them.
os.environ.setdefault("RAY_worker_niceness", "0")
for name in ("RAY_ADDRESS", "MLFLOW_TRACKING_URI", "PREFECT_API_URL"):
    os.environ.pop(name, None)
