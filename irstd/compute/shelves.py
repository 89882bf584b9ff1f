"""Checkpoint stores on the driver's machine, for fits on any machine of the cluster.

A worker may run on another machine, without the driver's folders, and may die at any moment: checkpoints travel through
Ray to the driver's machine, whose disk holds them for the next worker and the next run.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy


@dataclass(frozen=True)
class RemoteShelf:
    """A file in a folder of the driver's machine, usable on any; `keeper` is the handle of `open_keeper`."""

    keeper: Any
    name: str

    def load(self) -> bytes | None:
        """Return the file's bytes, or None."""
        found = ray.get(self.keeper.load.remote(self.name))
        return None if found is None else bytes(found)

    def save(self, content: bytes) -> None:
        """Write the file, completely or not at all.

        Raises:
            DataError: the folder cannot be written to.
        """
        try:
            ray.get(self.keeper.save.remote(self.name, content))
        except ray.exceptions.RayTaskError as fault:
            raise fault.cause from None

    def __str__(self) -> str:
        return self.name


def open_keeper(folder: Path) -> Any:
    """Return a handle on the files of `folder` for any worker; its actor lives as long as the handle.

    Ray restarts the actor if its process dies: its whole state is on disk.
    """
    # A class of this function travels by value: its process imports files and errors, and not torch with the package.
    from irstd.files import clear_unfinished, make_folder, write_bytes  # noqa: PLC0415 - looked up where it runs

    class Keeper:
        def __init__(self, folder: Path) -> None:
            make_folder(folder)
            clear_unfinished(folder)
            self.folder = folder

        def load(self, name: str) -> bytes | None:
            path = self.folder / name
            return path.read_bytes() if path.is_file() else None

        def save(self, name: str, content: bytes) -> None:
            write_bytes(self.folder / name, content)

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    options: Any = {"num_cpus": 0, "scheduling_strategy": here, "max_restarts": -1, "max_task_retries": -1}
    return ray.remote(**options)(Keeper).remote(folder.resolve())
