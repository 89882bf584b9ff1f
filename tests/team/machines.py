"""A second machine on this one: a network of its own, linked to the first by a virtual cable, without the project."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Machines:
    """Two machines.

    Attributes:
        first, second: their addresses.
        there: what a command begins with to run on the second.
        apart: whether the second has a network of its own.
    """

    first: str
    second: str
    there: tuple[str, ...]
    apart: bool


@contextmanager
def two_machines(project: Path) -> Iterator[Machines]:
    """Yield two machines; for the second, `project` is an empty folder and this one's loopback is out of reach.

    Where the kernel gives no network, both are addresses of loopback.
    """
    number = os.getpid() % 64
    name, here, there = f"irstd-{os.getpid()}", f"irstd{os.getpid()}a", f"irstd{os.getpid()}b"
    first, second = (f"10.213.{number}.{last}" for last in (1, 2))
    steps = (
        f"ip netns add {name}",
        f"ip link add {here[-15:]} type veth peer name {there[-15:]} netns {name}",
        f"ip addr add {first}/30 dev {here[-15:]}",
        f"ip link set {here[-15:]} up",
        f"ip -n {name} addr add {second}/30 dev {there[-15:]}",
        f"ip -n {name} link set {there[-15:]} up",
        f"ip -n {name} link set lo up",
    )
    try:
        if all(_works(step) for step in steps):
            empty = f'mount -t tmpfs none {project} && cd / && exec "$@"'
            yield Machines(first, second, ("ip", "netns", "exec", name, "sh", "-c", empty, "sh"), apart=True)
        else:
            yield Machines("127.0.0.1", "127.0.0.2", (), apart=False)
    finally:
        _works(f"ip netns del {name}")
        _works(f"ip link del {here[-15:]}")


def _works(step: str) -> bool:
    try:
        return subprocess.run(step.split(), capture_output=True, check=False).returncode == 0
    except OSError:
        return False
