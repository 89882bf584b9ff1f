"""Prefect server and MLflow UI over the project's own state, on loopback, until Ctrl-C."""

from functools import partial
from typing import Annotated

import typer

from pipelines.door.command import Work, command


@command
def main(
    prefect_port: Annotated[int, typer.Option(help="Port of the Prefect server.")] = 4200,
    mlflow_port: Annotated[int, typer.Option(help="Port of the MLflow UI.")] = 5000,
) -> Work:
    """Serve the pages of Prefect and MLflow on loopback, until Ctrl-C."""
    from pipelines.services import serve

    return partial(serve, prefect_port, mlflow_port)


import os
import signal
import sys
import time

from irstd.errors import ComputeError
from irstd.project.environment import find_root
from irstd.tracking.store import open_store, tracking_uri
from pipelines.door.console import say
from pipelines.servers.embedded import LOOPBACK, prefect_server, require_free, server
from pipelines.servers.prefect_access import access_file


def serve(prefect_port: int, mlflow_port: int) -> None:
    """Start both, say where they are, and wait.

    Raises:
        ComputeError: a port is in use, or the MLflow UI ended by itself.
    """
    given = os.environ.get("PREFECT_API_URL")
    require_free(prefect_port, "Prefect server (--prefect-port)")
    require_free(mlflow_port, "MLflow UI (--mlflow-port)")
    root = find_root()
    open_store(root)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    command = [sys.executable, "-m", "mlflow", "ui", "--host", LOOPBACK, "--port", str(mlflow_port)]
    command += ["--workers", "1"]
    own = {
        "MLFLOW_BACKEND_STORE_URI": tracking_uri(root),  # it may hold a password, and any user sees a command line
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # five more processes, for the judging of language models
    }
    say("starting MLflow and Prefect")
    with (
        server("MLflow UI", command, f"http://{LOOPBACK}:{mlflow_port}/health", settings=own) as mlflow,
        prefect_server(prefect_port) as prefect,
    ):
        say(f"MLflow   http://{LOOPBACK}:{mlflow_port}   runs, scores, registered models")
        say(f"Prefect  {prefect.removesuffix('/api')}   flows, tasks, logs")
        if not given:
            say(f"Prefect's page asks once for the text in {access_file()}.")
        say("Ctrl-C stops both.")
        while mlflow.process.poll() is None:
            time.sleep(0.5)
        raise ComputeError(f"the MLflow UI ended with code {mlflow.process.returncode}; its log is in var")
