"""Train one detector on one dataset, with torch, timm, OpenCV, SciPy and pandas alone: no search, no bookkeeping.

    python -m irstd.training data/raw/sirst-v1 --profile profiles/cpu-hour.yaml --out spire

leaves spire/bundle (what `irstd detect --model` takes), spire/curve.csv and spire/scores.json. Stopped, it goes on from
its last validation. The pipeline (`dvc repro`) makes the same weights from the same settings. `irstd train` is the same
with a progress bar and the settings of a project; it needs irstd's other dependencies too.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from irstd.datasets.prepared import open_dataset
from irstd.errors import IrstdError
from irstd.models.registry import find_detector
from irstd.models.table import DETECTORS
from irstd.project.instructions import use_instructions
from irstd.settings.gate import Budget
from irstd.settings.yaml_file import read_assignments
from irstd.training.alone import LoneFit, fit_dataset, in_words, score_test
from irstd.training.config import FitConfig
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
    parser.add_argument("dataset", type=Path, help="the folder of a dataset, raw or prepared")
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
    labels, train = read_profile(options.profile, options.detector, read_assignments(options.set, "--set"))
    if use_instructions(train.instructions, os.environ) and options.again:
        os.execv(sys.executable, [sys.executable, "-m", "irstd.training", *sys.argv[1:]])  # torch is imported already
    run = {"seed": options.seed, "threads": options.threads, "device": options.device, "decides": Budget().figure}
    config = FitConfig.of(train, label=labels.response, **run)
    model = read_model(options.profile, options.detector) | read_assignments(options.model, "--model")
    fit = LoneFit(options.detector, model, config, labels.size, options.out)
    dataset = open_dataset(options.dataset)
    fitted = fit_dataset(fit, dataset, _say)
    _say(f"validation: {in_words(fitted.figures)}; {fit.bundle}")
    if options.test:
        _say(f"test: {in_words(score_test(fit, dataset))}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
