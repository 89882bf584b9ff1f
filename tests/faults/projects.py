"""The projects that meet the faults: tiny ones, with something to lose."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import yaml

from irstd.data.demo import make_demo
from irstd.frames import read_image, write_png
from irstd.tracking import BY_PERSON, crown, open_store
from tests.intake.build import new_set
from tests.pipelines.conftest import FRAMES, ROOT, tiny
from tests.pipelines.test_road import call, clone
from tests.tracking.build import tiny_bundle, versions


def begun(folder: Path) -> Path:
    """A clone with the tiny dataset, prepared, a bundle and two champions, one after the other: what takes seconds."""
    clone(folder, _lay_out)
    call(folder, "pipelines.prepare")
    store = open_store(folder)
    first, second = versions(store, folder / "outputs/made", 2)
    crown(store, first, BY_PERSON, "the first", None)
    crown(store, second, BY_PERSON, "better", first.number)
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


def _lay_out(folder: Path) -> Path:
    content = yaml.safe_load((ROOT / "params.yaml").read_text())
    tiny(content)
    content["retrain"] = {**(content.get("retrain") or {}), "settle_s": 0}
    (folder / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    make_demo(folder / "data/raw/tiny", FRAMES, 3)
    return folder
