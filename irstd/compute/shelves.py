"""Shelves beside the driver for fits that run on any machine of the cluster.

A worker may be another machine, without the driver's folders, and may end at any moment: what a fit keeps travels
through Ray to the machine of the driver, whose disk holds it for the next worker and for the next run.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy


@dataclass(frozen=True)
class RemoteShelf:
    """A file in a folder of the driver's machine, for use on any; `keeper` is what `open_keeper` came back with."""

    keeper: Any
    name: str

    def load(self) -> bytes | None:
        """The file's bytes; None where there is none."""
        found = ray.get(self.keeper.load.remote(self.name))
        return None if found is None else bytes(found)

    def save(self, content: bytes) -> None:
        """Write the file, whole or not at all.

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
    """A handle, which travels to any worker, on the files of `folder`; the actor behind it lives as long as the handle.

    Ray restarts it where its process dies: all it knows is on the disk.
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
