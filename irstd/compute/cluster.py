"""A Ray cluster: the one at RAY_ADDRESS, or an embedded one on this machine for as long as it is needed."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ray

from irstd.errors import ComputeError
from irstd.files import require_room
from irstd.settings.compute import Resources

# A trial stays in its driver's folder, so that a relative path in a setting means the same wherever it is read.
_IN_WORKERS = {"RAY_CHDIR_TO_TRIAL_DIR": "0"}


@contextmanager
def cluster() -> Iterator[None]:
    """A connection to Ray; one that is already there is used and left alone.

    Raises:
        ComputeError: RAY_ADDRESS names a cluster that does not answer or that this machine is not part of, or none can
            be started here.
        DataError: there is no room for the sessions of an embedded one.
    """
    if ray.is_initialized():
        yield
        return
    address = os.environ.get("RAY_ADDRESS")
    if address is not None and address.startswith("ray://"):  # checkpoints come back to a machine of the cluster
        raise ComputeError(
            f"RAY_ADDRESS={address}: Ray's client is not for this; run on a machine of the cluster, with "
            "RAY_ADDRESS=HOST:PORT as `ray start --head` prints it"
        )
    if address is None:
        os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # an embedded cluster listens on loopback only
        home = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp"  # as Ray chooses it
        require_room(Path(home) / "ray")  # without it Ray would only say, and late, that it waited for a file
    try:
        ray.init(
            address=address or "local",
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _node_ip_address=None if address else "127.0.0.1",
            runtime_env={"env_vars": _IN_WORKERS},
        )
    except Exception as fault:  # a start that takes too long is a bare Exception
        said = f"({(str(fault).splitlines() or [type(fault).__name__])[0]})"
        raise ComputeError(
            f"Ray at {address} does not answer {said}; start it with `ray start --head`, or unset RAY_ADDRESS for an "
            "embedded one"
            if address
            else f"Ray does not start on this machine {said}; see that it has memory and is not too busy, and run again"
        ) from fault
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # it logs the traceback of what a trial ended with
    try:
        yield
    finally:
        ray.shutdown()


def require(resources: Resources, section: str) -> None:
    """Nothing, if some machine of the cluster has that much; Ray itself would wait for it for ever.

    Raises:
        ComputeError: no machine has as many CPUs or GPUs; names the section of params.yaml that asks.
    """
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    for kind, wanted, setting in (("GPU", resources.gpus, "gpus"), ("CPU", float(resources.cpus), "cpus")):
        most = max((machine.get(kind, 0.0) for machine in machines), default=0.0)
        if wanted > most:
            many = f"{wanted:g} {kind}{'' if wanted == 1 else 's'}"
            raise ComputeError(
                f"{section} asks for {many} and no machine of the cluster has more than {most:g}: "
                f"set {section}.{setting} in params.yaml to at most {most:g}, or start Ray where they are"
            )
