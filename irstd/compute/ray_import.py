"""Ray, imported with its security settings in the environment. The package imports this module before all others.

Ray reads these settings once, at its import. A Ray that starts here listens on loopback alone; by itself it replaces
127.0.0.1 by the machine's own address. Every Ray needs a token: one that starts here gets a random one, which processes
started from here inherit through the environment.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"
_CLUSTERS = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"  # on Linux too, 0 keeps Ray on this machine


@contextmanager
def _secured() -> Iterator[None]:
    if "ray" in sys.modules:  # a worker, which Ray itself has set up
        yield
        return
    address, before = os.environ.get("RAY_ADDRESS"), os.environ.get(_CLUSTERS)
    os.environ["RAY_AUTH_MODE"] = "token"
    if address is None:
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    if address is None or address.startswith(f"{LOOPBACK}:"):
        os.environ[_CLUSTERS] = "0"
    try:
        yield
    finally:  # the 0 is for this process: with it, `ray start --address` in a child process aborts
        if before is None:
            os.environ.pop(_CLUSTERS, None)
        else:
            os.environ[_CLUSTERS] = before


with _secured():
    import ray
    from ray._raylet import AuthenticationTokenLoader  # type: ignore[attr-defined]


def has_token() -> bool:
    """Return whether Ray finds a token: RAY_AUTH_TOKEN, the file RAY_AUTH_TOKEN_PATH or ~/.ray/auth_token."""
    return bool(AuthenticationTokenLoader.instance().has_token(ignore_auth_mode=True))


__all__ = ["LOOPBACK", "has_token", "ray"]
