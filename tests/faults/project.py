"""The project that faults are tried on: a clone whose fits take seconds, long enough to be met half way."""

from pathlib import Path
from typing import Any

import yaml

from irstd.data.demo import make_demo
from tests.pipelines.conftest import FRAMES, lay_out
from tests.pipelines.test_road import clone

STEPS = 60
EVERY = 15


def lay_out_longer(folder: Path) -> Path:
    """The tiny project in `folder`, with one variant, whose fits validate several times."""
    raw = folder / "data" / "raw" / "tiny"
    make_demo(raw, FRAMES, 3)
    lay_out(folder)
    params = folder / "params.yaml"
    content: dict[str, Any] = yaml.safe_load(params.read_text())
    del content["variants"]["tophat"]
    content["references"] = {}
    content["tune"].update(steps=STEPS)
    content["train"].update(steps=STEPS, validate_every=EVERY)
    params.write_text(yaml.safe_dump(content, sort_keys=False))
    return folder


def make_clone(folder: Path) -> Path:
    """A git repository of it."""
    folder.mkdir(parents=True)
    return clone(folder, lay_out_longer)
