"""Registered versions that load in no time."""

import tempfile
from functools import cache
from pathlib import Path

from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.registry import build
from irstd.tracking.registering import register
from irstd.tracking.registry import Version
from irstd.tracking.runs import variant_run
from irstd.tracking.store import Store, open_store


@cache
def _database() -> bytes:
    """An empty store's tables, which take a second of CPU to make."""
    with tempfile.TemporaryDirectory() as scratch:
        open_store(Path(scratch))
        return Path(scratch, "var/mlflow.db").read_bytes()


def new_store(root: Path) -> Store:
    """An empty store; that `open_store` makes the same is tested beside it."""
    (root / "var").mkdir(parents=True)
    (root / "var/mlflow.db").write_bytes(_database())
    return open_store(root)


def tiny_bundle(folder: Path, half_snr: float) -> Path:
    """A top-hat's bundle, another one for each number."""
    settings = {"half_snr": half_snr}
    save_bundle(folder, build("tophat", settings), Bundle("tophat", settings, Rules(threshold=0.5)))
    return folder


def versions(store: Store, folder: Path, many: int) -> list[Version]:
    """So many versions, all out of one run."""
    run = variant_run(store, "set", "tophat", "one run")
    made = [
        register(store, run, tiny_bundle(folder / f"{n}", 1.0 + n), {"irstd.variant": "tophat"}) for n in range(many)
    ]
    run.end()
    return made
