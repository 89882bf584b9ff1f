"""A Ray cluster: the one at RAY_ADDRESS, or an embedded one on this machine for as long as it is needed."""

import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from irstd.compute.ray_folder import ray_folder
from irstd.compute.ray_import import LOOPBACK, has_token, ray
from irstd.errors import ComputeError, in_one_line
from irstd.project.instructions import fixed_part
from irstd.settings.compute import Resources

_PATIENCE_S = 5.0
# A trial stays in its driver's folder, so that a relative path in a setting means the same wherever it is read.
# A fit runs in a thread, whose own arena of glibc gives memory back and fetches it anew at every step: 4 to 8 % of it.
_IN_WORKERS = {"RAY_CHDIR_TO_TRIAL_DIR": "0", "MALLOC_ARENA_MAX": "1"}
_WORKERS_HAVE = "IRSTD_RAY_WORKERS_HAVE"


@contextmanager
def cluster() -> Iterator[str]:
    """Connect to Ray, and yield its address; a connection that is already there is used and left alone.

    Raises:
        ComputeError: RAY_ADDRESS names a cluster that does not answer, that this machine is not part of or for which
            there is no token; or none can be started here.
        DataError: there is no room for the sessions of an embedded one.
    """
    if ray.is_initialized():
        yield _address()
        return
    given = os.environ.get("RAY_ADDRESS")
    with ExitStack() as stack:
        if given is None:
            _start(stack.enter_context(ray_folder()))
        else:
            _join(given)
        stack.callback(ray.shutdown)
        logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # it logs the traceback of what a trial ended with
        yield _address()


@contextmanager
def shared(address: str) -> Iterator[None]:
    """Let processes that this one starts join the cluster at `address`, which it has started itself, by RAY_ADDRESS."""
    with _set({"RAY_ADDRESS": address, _WORKERS_HAVE: _have(address)}):
        yield


@contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _have(address: str) -> str:
    """Return the environment of workers as one text, with the cluster's address."""
    return f"{address} {sorted(_workers_environment().items())}"


def _workers_environment() -> dict[str, str]:
    return {**_IN_WORKERS, **fixed_part(os.environ)}


def _start(folder: Path) -> None:
    """Start a Ray for this process alone, on loopback, with its files in `folder`; its workers inherit the environment.

    To hand it over with the job would cost each job a second of CPU: workers are then started for it alone.
    """
    try:
        with _set(_IN_WORKERS):
            _init("local", _node_ip_address=LOOPBACK, _temp_dir=str(folder))
    except Exception as fault:  # a start that takes too long is a bare Exception
        raise ComputeError(
            f"Ray does not start on this machine {_said(fault)}; see that it has memory and is not too busy, "
            "and run again"
        ) from fault
    address = _address()
    if not address.startswith(f"{LOOPBACK}:"):  # Ray was imported before irstd.compute could tell it
        ray.shutdown()
        raise ComputeError(f"Ray listens on {address} and not on {LOOPBACK}, so it was stopped")


def _join(address: str) -> None:
    """Connect to the cluster of RAY_ADDRESS."""
    require_listener(address)
    if address.startswith("ray://"):  # checkpoints come back to a machine of the cluster
        raise ComputeError(
            f"RAY_ADDRESS={address}: Ray's client is not for this; run on a machine of the cluster, with "
            "RAY_ADDRESS=HOST:PORT as `ray start --head` prints it"
        )
    if not has_token():
        raise ComputeError(
            f"RAY_ADDRESS={address}: a cluster needs a token and there is none; put it into ~/.ray/auth_token or set "
            "RAY_AUTH_TOKEN_PATH (docs/operations.md, A cluster)"
        )
    inherited = os.environ.get(_WORKERS_HAVE) == _have(address)
    environment = {} if inherited else {"runtime_env": {"env_vars": _workers_environment()}}
    try:
        _init(address, **environment)
    except Exception as fault:
        raise ComputeError(
            f"Ray at {address} does not answer {_said(fault)}; start it with `ray start --head`, see that the token is "
            "the cluster's, or unset RAY_ADDRESS for an embedded one"
        ) from fault


def require_listener(address: str) -> None:
    """Raise unless something listens at HOST:PORT; Ray would wait for minutes without a word.

    Raises:
        ComputeError: nothing does; names RAY_ADDRESS.
    """
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or "/" in host:  # `auto`, or Ray's client
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE_S).close()
    except (OSError, OverflowError) as fault:
        raise ComputeError(
            f"RAY_ADDRESS={address}: nothing listens there ({in_one_line(fault)}); start it with `ray start --head` or "
            "unset RAY_ADDRESS for an embedded one"
        ) from fault


def _init(address: str, **options: Any) -> None:
    ray.init(
        address=address,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        **options,
    )


def _address() -> str:
    return str(ray.get_runtime_context().gcs_address)


def _said(fault: Exception) -> str:
    return f"({(str(fault).splitlines() or [type(fault).__name__])[0]})"


def require(resources: Resources, section: str) -> None:
    """Raise unless some machine of the cluster has these resources; Ray would queue the task forever.

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
