"""Prefect server and MLflow UI over the project's own state, on loopback, until Ctrl-C."""

import argparse
import signal
import sys
import time

from irstd.errors import ComputeError
from irstd.project.environment import find_root
from irstd.tracking import open_store, tracking_uri
from pipelines.door import run, say
from pipelines.servers.embedded import LOOPBACK, prefect_server, require_free, server
from pipelines.servers.prefect_access import access_file


def serve(prefect_port: int, mlflow_port: int) -> None:
    """Start both, say where they are, and wait.

    Raises:
        ComputeError: a port is in use, or the MLflow UI ended by itself.
    """
    require_free(prefect_port, "Prefect server (--prefect-port)")
    require_free(mlflow_port, "MLflow UI (--mlflow-port)")
    root = find_root()
    open_store(root)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    command = [sys.executable, "-m", "mlflow", "ui", "--host", LOOPBACK, "--port", str(mlflow_port)]
    command += ["--backend-store-uri", tracking_uri(root), "--workers", "1"]
    say("starting MLflow and Prefect")
    with (
        server("MLflow UI", command, f"http://{LOOPBACK}:{mlflow_port}/health") as mlflow,
        prefect_server(prefect_port),
    ):
        say(f"MLflow   http://{LOOPBACK}:{mlflow_port}   runs, scores, registered models")
        say(f"Prefect  http://{LOOPBACK}:{prefect_port}   flows, tasks, logs; it asks for the text in {access_file()}")
        say("Ctrl-C stops both.")
        while mlflow.process.poll() is None:
            time.sleep(0.5)
        raise ComputeError(f"the MLflow UI ended with code {mlflow.process.returncode}; its log is in var")


def main() -> None:
    """Read the ports and serve."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.services", description=__doc__)
    parser.add_argument("--prefect-port", type=int, default=4200)
    parser.add_argument("--mlflow-port", type=int, default=5000)
    options = parser.parse_args()
    run(lambda: serve(options.prefect_port, options.mlflow_port))


if __name__ == "__main__":
    main()
