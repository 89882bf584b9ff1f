"""Train one detector on one dataset, with torch, timm, OpenCV, SciPy and pandas alone: no search, no bookkeeping.

    python -m irstd.training data/raw/sirst-v1 --profile profiles/cpu-hour.yaml --out spire

leaves spire/bundle (what `irstd detect --model` takes), spire/curve.csv and spire/scores.json. Stopped, it goes on from
its last validation. The pipeline (`dvc repro`) makes the same weights from the same settings.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from irstd.datasets.canonical import PARTS, CanonicalDataset, read_parts
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.sample import Sample
from irstd.errors import IrstdError, SettingsError
from irstd.evaluation.scoring import SCORES, score_frames
from irstd.files import make_folder, write_folder, write_text
from irstd.models.bundle import load_detector
from irstd.models.registry import find_detector
from irstd.models.table import DETECTORS
from irstd.project.instructions import use_instructions
from irstd.settings.gate import Budget
from irstd.settings.yaml_file import parse_yaml
from irstd.training.checkpoint import FileShelf
from irstd.training.config import FitConfig
from irstd.training.curve import CurveRow, curve_csv
from irstd.training.jobs import FitJob, Fitted, model_settings, run_job
from irstd.training.profile import read_model, read_profile


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says; the exit code: 0, or 1 after one line on what is wrong."""
    options = _parser().parse_args(arguments)
    options.again = arguments is None  # a program of its own, which may start again
    try:
        _train(options)
    except IrstdError as fault:
        print(f"error: {fault}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m irstd.training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", type=Path, help="a folder in the canonical form, raw or prepared")
    parser.add_argument("--out", type=Path, required=True, help="folder for bundle, curve and scores")
    parser.add_argument(
        "--detector", "--variant", default="spire", help=f"one of {', '.join(DETECTORS)}; default %(default)s"
    )
    parser.add_argument("--profile", type=Path, help="a recipe, such as profiles/cpu-hour.yaml")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="over the profile's train")
    parser.add_argument("--model", action="append", default=[], metavar="NAME=VALUE", help="a setting of the model")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; bytes depend on it; default %(default)s")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--test", action="store_true", help="score the test split too, once, at the end")
    return parser


def _train(options: argparse.Namespace) -> None:
    find_detector(options.detector)
    labels, train = read_profile(options.profile, options.detector, _pairs(options.set, "--set"))
    if use_instructions(train.instructions, os.environ) and options.again:
        os.execv(sys.executable, [sys.executable, "-m", "irstd.training", *sys.argv[1:]])  # torch is imported already
    run = {"seed": options.seed, "threads": options.threads, "device": options.device, "decides": Budget().figure}
    config = FitConfig.of(train, label=labels.response, **run)
    dataset = CanonicalDataset.open(options.dataset)
    frames = {split: list(dataset.samples(split)) for split in ("train", "val")}
    data: dict[str, object] = {
        "dataset": dataset.info.name,
        "size": labels.size,
        "fingerprint": fingerprint(dataset.folder),
    }
    parts = read_parts(dataset.folder)
    data |= {PARTS: parts} if parts else {}
    make_folder(options.out)
    checkpoint = options.out / "unfinished.safetensors"
    own = read_model(options.profile, options.detector) | _pairs(options.model, "--model")
    model = model_settings(options.detector, labels.size, own)
    job = FitJob(options.detector, model, config, data, FileShelf(checkpoint))
    _say(f"{options.detector} on {dataset.info.name}: {len(frames['train'])} frames, {config.steps} steps")
    fitted = run_job(job, frames, _Teller(config.steps))
    _keep(fitted, options.out)
    if options.test:
        _score(options.out, list(dataset.samples("test")))
    checkpoint.unlink(missing_ok=True)


def _keep(fitted: Fitted, out: Path) -> None:
    write_folder(out / "bundle", fitted.files)
    write_text(out / "curve.csv", curve_csv(fitted.rows))
    write_text(out / "scores.json", json.dumps({"val": dict(fitted.figures)}, indent=2) + "\n")
    for note in fitted.notes:
        _say(f"note: {note}")
    _say(f"validation: {_shown(fitted.figures)}; {out / 'bundle'}")


def _score(out: Path, samples: Sequence[Sample]) -> None:
    """Add the test split's score to scores.json."""
    loaded = load_detector(out / "bundle")
    score = score_frames(loaded.detector, samples, loaded.bundle.operating).compute().to_dict()
    scores = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    scores["test"] = {name: value for name, value in score.items() if name != "surface"}
    write_text(out / "scores.json", json.dumps(scores, indent=2) + "\n")
    names = (*SCORES, "precision", "pd", "f1", "fa_per_mpx", "operating_threshold")
    _say(f"test: {_shown({name: score[name] for name in names})}")


class _Teller:
    """A line for each validation and about every twentieth part of a fit, with the time it will still take."""

    def __init__(self, steps: int) -> None:
        self.steps, self.start, self.first, self.told = steps, time.monotonic(), 0, 0

    def __call__(self, row: CurveRow) -> None:
        self.first = self.first or row.step
        if not row.scores and (row.step - self.told) * 20 < self.steps:
            return
        self.told = row.step
        done = row.step - self.first
        left = (time.monotonic() - self.start) / done * (self.steps - row.step) / 60 if done else None
        ahead = "" if left is None or row.step == self.steps else f", {left:.0f} min left"
        scored = f", validation {_shown(row.scores)}" if row.scores else ""
        _say(f"step {row.step} of {self.steps}, loss {row.loss:.5f}{scored}{ahead}")


def _pairs(given: Sequence[str], option: str) -> dict[str, object]:
    """NAME=VALUE texts as plain values."""
    found: dict[str, object] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"{option} {text}: needs NAME=VALUE, such as learning_rate=0.003")
        found[name] = parse_yaml(value, f"{option} {name}")
    return found


def _shown(figures: Mapping[str, float | None]) -> str:
    pairs = figures.items()
    return ", ".join(f"{name} {'undefined' if value is None else f'{value:.4g}'}" for name, value in pairs)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
