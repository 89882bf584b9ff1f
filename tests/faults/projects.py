"""The projects that meet the faults: tiny ones, with something to lose."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from irstd.curation.demo import make_demo
from irstd.frames import read_image, write_png
from irstd.promotion.champions import set_champion
from irstd.promotion.history import BY_PERSON
from irstd.tracking.store import open_store
from tests.curation.intake.build import new_set
from tests.pipelines.conftest import FRAMES, lay_out
from tests.road.project import call, clone
from tests.tracking.build import tiny_bundle, versions

STEPS, EVERY = 60, 15
"""Of the longer fits, and between their validations."""


def begun(folder: Path) -> Path:
    """A clone with the tiny dataset, prepared, a bundle and two champions, one after the other: what takes seconds."""
    clone(folder, _lay_out)
    call(folder, "pipelines.prepare")
    store = open_store(folder)
    first, second = versions(store, folder / "outputs/made", 2)
    set_champion(store, first, BY_PERSON, "the first", None)
    set_champion(store, second, BY_PERSON, "better", first.number)
    tiny_bundle(folder / "outputs/tiny/bundles/tophat", 3.0)
    return folder


def gone_all_the_way(folder: Path) -> Path:
    """A clone after the main job, its dataset versioned: bundles, scores, a report, a champion; new frames wait."""
    clone(folder, _lay_out)
    subprocess.run([sys.executable, "-m", "dvc", "add", "-q", "data/raw/tiny"], cwd=folder, check=True)
    call(folder, "pipelines.reproduce", "--promote")
    frames = new_set(folder / "data/inbox/night", 100, 101)
    for path in sorted(frames.rglob("*.png")):  # of the size that the demo's frames have
        levels = np.asarray(read_image(path), dtype=np.uint8)
        write_png(path, np.pad(levels, ((40, 40), (40, 40)), mode="constant" if "masks" in path.parts else "wrap"))
    return folder


def longer(folder: Path) -> Path:
    """A clone of one variant, whose fits take seconds and validate several times: long enough to be met half way."""
    folder.mkdir(parents=True)
    return clone(folder, _lay_out_longer)


def _lay_out(folder: Path) -> Path:
    with _params(folder) as content:
        content["retrain"] = {**(content.get("retrain") or {}), "settle_s": 0}
    return folder


def _lay_out_longer(folder: Path) -> Path:
    with _params(folder) as content:
        del content["variants"]["tophat"]
        content["references"] = {}
        content["tune"].update(steps=STEPS)
        content["train"].update(steps=STEPS, validate_every=EVERY)
    return folder


@contextmanager
def _params(folder: Path) -> Iterator[dict[str, Any]]:
    """The tiny project in `folder`, and its params.yaml to be changed."""
    make_demo(folder / "data/raw/tiny", FRAMES, 3)
    params = lay_out(folder) / "params.yaml"
    content = yaml.safe_load(params.read_text())
    yield content
    params.write_text(yaml.safe_dump(content, sort_keys=False))
