"""Does FDEP help? Five paired seeds of a plain host, FDEP with DINOv2, and FDEP with a random ViT.

    irstd data import FOLDER --name nudt-sirst
    python -m benchmarks.fdep_experiment data/raw/nudt-sirst --weights dinov2-s14.safetensors --out fdep --minutes 55

The protocol (profiles/fdep.yaml, docs/fdep.md) was fixed beforehand. Primary: hse-2 on test, all training frames,
DINOv2 − plain. It is a gain only if the 95 % interval of that difference and the one of DINOv2 − random both lie above
0; intervals resample seeds and frames together. Whatever is changed by --host, --side or --share is secondary, and a
change of --steps no result at all.

Finished fits lie in --out and are not run again. With --minutes the command stops at the first checkpoint after so
long; called again it goes on from there, to the same bytes.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.fdep_table import ARMS, FIT_FILE, SEEDS, show
from irstd.comparison.stored import COUNTS_FILE, write_counts
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import IrstdError, TrainingError
from irstd.evaluation.scoring import score_frames
from irstd.files import make_folder, write_folder, write_text
from irstd.models.bundle import load_detector
from irstd.training.checkpoint import FileShelf
from irstd.training.config import FitConfig
from irstd.training.curve import CurveRow, curve_csv
from irstd.training.jobs import FitJob, Frames, run_job
from irstd.training.profile import read_profile

PROFILE = Path(__file__).parents[1] / "profiles" / "fdep.yaml"


class Paused(Exception):  # noqa: N818 (no error)
    """The time given is over, and the fit's state is stored."""


@dataclass
class TimedShelf:
    """A checkpoint file that adds up the processor time of its fit, and ends a piece of it.

    Attributes:
        path: the file; the time lies beside it, in s.
        ends: `time.monotonic()` from which on the next checkpoint is the last.
    """

    path: Path
    ends: float
    since: float = field(default_factory=time.process_time)

    def load(self) -> bytes | None:
        """The stored bytes, or None."""
        return FileShelf(self.path).load()

    def save(self, content: bytes) -> None:
        """Store `content` and the time.

        Raises:
            Paused: time is over.
        """
        FileShelf(self.path).save(content)
        now = time.process_time()
        write_text(self._time, f"{self.seconds + now - self.since:.1f}\n")
        self.since = now
        if time.monotonic() >= self.ends:
            raise Paused

    @property
    def seconds(self) -> float:
        """Processor time up to the last checkpoint."""
        return float(self._time.read_text()) if self._time.exists() else 0.0

    @property
    def _time(self) -> Path:
        return self.path.with_suffix(".seconds")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing, then print the table; the exit code: 0, 3 if fits are left, or 1 after one line."""
    options = _parser().parse_args(arguments)
    try:
        _check_protocol(options)
        left = _run(options)
        show(options.out)
    except IrstdError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    return 3 if left else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a folder in the canonical form with masks")
    parser.add_argument("--weights", required=True, help="a safetensors file of the ViT in timm's keys, or hub")
    parser.add_argument("--out", type=Path, required=True, help="folder of the fits")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop at a checkpoint after so long")
    parser.add_argument("--arms", nargs="+", default=ARMS, choices=ARMS)
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parser.add_argument("--host", default="acm")
    parser.add_argument("--side", type=int, default=266, help="px at which the ViT reads a frame; second arm: 518")
    parser.add_argument("--share", type=float, default=1.0, help="share of the training frames, such as 0.25")
    parser.add_argument("--foundation", default="vit_small_patch14_dinov2")
    parser.add_argument("--statistics", default="imagenet", choices=("imagenet", "half"))
    parser.add_argument("--taps", nargs=4, type=int, default=(2, 4, 6, 8))
    parser.add_argument("--steps", type=int, help="for a trial of the command")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    return parser


def _check_protocol(options: argparse.Namespace) -> None:
    """Check that a folder holds fits of one protocol only.

    Raises:
        TrainingError: it holds fits of another.
    """
    names = ("host", "side", "share", "foundation", "statistics", "taps", "steps")
    protocol = {name: getattr(options, name) for name in names} | {"data": fingerprint(options.dataset)}
    text, path = json.dumps(protocol, indent=2) + "\n", options.out / "protocol.json"
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise TrainingError(f"{path}: holds fits of other settings or data; give --out another folder")
    make_folder(options.out)
    write_text(path, text)


def _run(options: argparse.Namespace) -> bool:
    """Run what is missing of the chosen fits; tell whether some are left."""
    missing = [each for each in product(options.seeds, options.arms) if not _finished(options.out, *each).exists()]
    if not missing:
        return False
    frames, ends = read_frames(options), time.monotonic() + 60 * options.minutes
    print(", ".join(f"{len(samples)} {split}" for split, samples in frames.items()), "frames", flush=True)
    for seed, arm in missing:
        try:
            _fit(options, seed, arm, frames, ends)
        except Paused:
            print(f"{arm} {seed}: stored; call again to go on", flush=True)
            return True
    return False


def read_frames(options: argparse.Namespace) -> Frames:
    """The samples of each split; of the training frames every one, or evenly spaced ones."""
    dataset = CanonicalDataset.open(options.dataset)
    frames = {split: list(dataset.samples(split)) for split in ("train", "val", "test")}
    return {**frames, "train": frames["train"][:: round(1 / options.share)]}


def fit_of(options: argparse.Namespace, seed: int, arm: str) -> FitJob:
    """The fit of an arm and a seed; the random ViT is drawn from the seed, after the host's first weights."""
    changes = {} if options.steps is None else {"steps": options.steps}
    _, train = read_profile(PROFILE, options.host, changes)
    config = FitConfig.of(train, seed=seed, threads=1, device=options.device, decides="hse_2")
    data = {"dataset": options.dataset.name, "experiment": arm}
    if arm == "plain":
        return FitJob(options.host, {}, config, data)
    model: dict[str, Any] = {
        "foundation": options.foundation,
        "weights": "random" if arm == "random" else options.weights,
        "statistics": options.statistics,
        "taps": tuple(options.taps),
        "norm": True,
        "side": options.side,
        "cache": str(_cache(options.out, seed, arm)),
    }
    return FitJob(f"fdep-{options.host}", model, config, data)


def _fit(options: argparse.Namespace, seed: int, arm: str, frames: Frames, ends: float) -> None:
    job, folder = fit_of(options, seed, arm), options.out / f"{arm}-{seed}"
    make_folder(folder)
    shelf = TimedShelf(folder / "unfinished.safetensors", ends)
    fitted = run_job(FitJob(**{**vars(job), "checkpoint": shelf}), frames, _Teller(f"{arm} {seed}", job.config.steps))
    write_folder(folder / "bundle", fitted.files)
    write_text(folder / "curve.csv", curve_csv(fitted.rows))
    loaded = load_detector(folder / "bundle")
    tested = score_frames(loaded.detector, frames["test"], loaded.bundle.operating)
    write_counts(folder / COUNTS_FILE, {"test": tested.frames})
    write_text(_finished(options.out, seed, arm), json.dumps({"seconds": shelf.seconds, "val": dict(fitted.figures)}))
    for rest in folder.glob("unfinished.*"):
        rest.unlink()
    if arm == "random":  # no other fit reads them
        shutil.rmtree(_cache(options.out, seed, arm), ignore_errors=True)


def _cache(out: Path, seed: int, arm: str) -> Path:
    return out / "features" / (f"random-{seed}" if arm == "random" else arm)


def _finished(out: Path, seed: int, arm: str) -> Path:
    return out / f"{arm}-{seed}" / FIT_FILE


class _Teller:
    """A line for each validation and every hundredth step."""

    def __init__(self, name: str, steps: int) -> None:
        self.name, self.steps, self.start, self.first = name, steps, time.monotonic(), 0

    def __call__(self, row: CurveRow) -> None:
        self.first = self.first or row.step
        if not row.scores and row.step % 100:
            return
        rate = (time.monotonic() - self.start) / (row.step - self.first) if row.step > self.first else 0.0
        score = row.scores.get("hse_2")
        scored = "" if score is None else f", hse-2 {score:.2f} on validation"
        left = f", {rate * (self.steps - row.step) / 60:.0f} min left" if rate else ""
        print(f"{self.name}: step {row.step} of {self.steps}, loss {row.loss:.4f}{scored}{left}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
