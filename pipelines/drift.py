"""Compare new frames, labelled or not, with those learned from: `python -m pipelines.drift FRAMES …`."""

from functools import partial
from typing import Annotated

import typer

from irstd.settings.load import load_settings
from pipelines.door.command import Work, command


@command
def main(
    frames: Annotated[list[str], typer.Argument(help="Images, folders of images or patterns; no labels are needed.")],
) -> Work:
    """Compare new frames with those learned from, and tell whether to retrain."""
    settings = load_settings()
    from pipelines.drift import drift

    return partial(drift, settings, frames)


from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from irstd.datasets.canonical import CanonicalDataset
from irstd.drift.compare import Drift, detect_drift
from irstd.drift.figures import ANSWERS, Measured, measure_frames
from irstd.drift.picture import draw_drift, picture_size
from irstd.files import write_bytes
from irstd.files.json_files import write_json
from irstd.frames import read_image
from irstd.inference import find_frames
from irstd.models.bundle import LoadedDetector
from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.report.style import picture
from irstd.settings.drift import DriftRule
from irstd.settings.project import Settings
from irstd.tracking import CHAMPION
from irstd.tracking.fetching import load_version
from irstd.tracking.registry import Version, alias_version
from irstd.tracking.store import open_store
from pipelines.door.console import say
from pipelines.door.flows import stage, step

RECORD, PICTURE = Path("reports/drift.json"), Path("reports/drift.png")
Known = Mapping[str, NDArray[np.float64]]
ItemT = TypeVar("ItemT")


@step(name="drift")
def watch(settings: Settings, frames: Sequence[Path]) -> Drift:
    """Detect drift of the frames in files; the verdict, its figures and a picture go to reports/drift.*.

    Pictures are compared with train frames. The champion's answers are compared with those on val and test, since it
    answers better on frames that it learned from.

    Raises:
        DataError: a file cannot be read or written, or there is no such dataset.
    """
    rule, seed = settings.retrain.drift, settings.compute.seed
    torch.set_num_threads(settings.compute.evaluate.cpus)
    dataset = CanonicalDataset.open(Layout(settings.dataset).raw)
    version, detector = _champion()
    some = {split: _some(dataset.splits[split], rule.frames, seed) for split in dataset.splits}
    known = dict(measure_frames(map(dataset.frame, some["train"])).values)
    if detector is not None:
        scored = (*some["val"], *some["test"])
        answered = measure_frames(map(dataset.frame, scored), detector).values
        known |= {name: answered[name] for name in ANSWERS}
    new = measure_frames(map(read_image, _some(tuple(frames), rule.frames, seed)), detector)
    drift = detect_drift(known, new, rule, seed)
    _write(settings.dataset, drift, rule, (known, new), version)
    return drift


def _champion() -> tuple[Version | None, LoadedDetector | None]:
    store = open_store(find_root())
    version = alias_version(store, CHAMPION)
    return version, None if version is None else load_version(store, version.number)


def _some(items: Sequence[ItemT], most: int, seed: int) -> list[ItemT]:
    """Keep at most `most` of `items`, in their order; if there are more, draw them by the seed."""
    if len(items) <= most:
        return list(items)
    return [items[i] for i in np.sort(np.random.default_rng(seed).choice(len(items), most, replace=False))]


def _write(
    dataset: str, drift: Drift, rule: DriftRule, samples: tuple[Known, Measured], version: Version | None
) -> None:
    write_json(
        RECORD,
        {
            "dataset": dataset,
            "champion": None if version is None else version.number,
            "rule": {**asdict(rule), "says": str(rule)},
            "says": str(drift),
            **asdict(drift),
        },
    )
    image = picture(picture_size(drift), lambda figure: draw_drift(figure, drift, samples, rule))
    write_bytes(PICTURE, image)


@stage(name="drift")
def drift(settings: Settings, given: Sequence[str]) -> None:
    """Detect the drift of the frames of files, folders and patterns."""
    say(str(watch(settings, [frame.path for frame in find_frames(given)])))
    say(f"drift: {RECORD}, {PICTURE}")
