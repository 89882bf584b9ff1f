"""`irstd train`: one variant fitted on one dataset, without the pipeline."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irstd.cli.fit_settings import FitSettings, find_fit_settings
from irstd.cli.progress import bar, from_here, say, warn
from irstd.errors import DataError
from irstd.project.environment import root_here
from irstd.project.instructions import use_instructions

if TYPE_CHECKING:
    from irstd.datasets.prepared import Dataset
    from irstd.training.alone import LoneFit
    from irstd.training.curve import CurveRow

_HOME = Path("trained")


@dataclass(frozen=True)
class TrainWish:
    """Options of `irstd train`.

    Attributes:
        variant: a row of params.yaml or a detector.
        profile: name or file of a profile; None: that of params.yaml.
        changes: NAME=VALUE over them.
        out: the folder to fill; None: trained/DATASET-VARIANT.
        seed, threads: None: those of the project.
        device: `cpu`, `cuda`, or `auto`, a GPU if torch sees one.
        test: score the split test too.
        replace: replace a finished fit in `out`.
    """

    variant: str
    profile: str | None
    changes: Sequence[str]
    out: Path | None
    seed: int | None
    threads: int | None
    device: str
    test: bool
    replace: bool


def train_model(dataset: str, wish: TrainWish) -> None:
    """Fit a variant on a dataset, show its progress, its validation scores and how to use its bundle.

    Raises:
        SettingsError: params.yaml, a profile or an option is at fault.
        DataError: no such dataset, it is not in the canonical form, or the folder holds a finished fit.
        IrstdError: as the fit itself.
    """
    root = root_here()
    settings = find_fit_settings(root, wish.variant, wish.profile, wish.changes)
    use_instructions(settings.train.instructions, os.environ)  # before NumPy and torch
    from irstd.cli.datasets import find_dataset, raw_home  # noqa: PLC0415
    from irstd.datasets.prepared import open_dataset  # noqa: PLC0415

    opened = open_dataset(find_dataset(dataset, raw_home()))
    fit = _plan(settings, wish, wish.out or _HOME / f"{opened.info.name}-{wish.variant}")
    if fit.bundle.exists() and not fit.checkpoint.exists() and not wish.replace:
        raise DataError(f"{fit.out}: holds a finished fit; give another folder with --out, or --replace")
    if settings.searched:
        warn(f"{', '.join(settings.searched)}: drawn by the pipeline's search, here as set")
    if settings.train.start is not None:
        say(f"starts from {settings.train.start} (new weights: --set train.start=null)")
    _fit(fit, opened, test=wish.test)


def _plan(settings: FitSettings, wish: TrainWish, out: Path) -> "LoneFit":
    import torch  # noqa: PLC0415 - takes seconds

    from irstd.training.alone import LoneFit  # noqa: PLC0415
    from irstd.training.config import FitConfig  # noqa: PLC0415

    found = "cuda" if torch.cuda.is_available() else "cpu"
    config = FitConfig.of(
        settings.train,
        label=settings.labels.response,
        seed=settings.seed if wish.seed is None else wish.seed,
        threads=settings.threads if wish.threads is None else wish.threads,
        device=found if wish.device == "auto" else wish.device,
        decides=settings.decides,
    )
    return LoneFit(settings.detector, settings.model, config, settings.labels.size, out)


def _fit(fit: "LoneFit", dataset: "Dataset", *, test: bool) -> None:
    from irstd.training.alone import fit_dataset, in_words, score_test  # noqa: PLC0415

    steps = fit.config.steps
    try:
        with bar(f"training {fit.detector}", "steps") as progress:

            def advance(row: "CurveRow") -> None:
                progress(row.step, steps)

            fitted = fit_dataset(fit, dataset, say, advance)
    except KeyboardInterrupt:
        kept = f"goes on from {fit.checkpoint}" if fit.checkpoint.exists() else "begins anew: nothing was validated yet"
        warn(f"the same command {kept}")
        raise
    say(f"validation: {in_words(fitted.figures)}")
    if test:
        say(f"test: {in_words(score_test(fit, dataset))}")
    bundle = from_here(fit.bundle.absolute())
    say(f"bundle: {bundle}; its curve and scores lie beside it")
    say(f"next: irstd detect FRAMES --model {bundle}")
