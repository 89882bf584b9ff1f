"""The content of the report, for each format that it is written in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from irstd.evaluation.score_card import DISTINCT, SPLITS
from irstd.metrics.headline import FIGURES
from irstd.metrics.interval import UNDEFINED, number
from irstd.report.cost_plot import score_over_cost
from irstd.report.plots import (
    f1_surface,
    iou_over_confidence,
    learning_curves,
    pd_by_difficulty,
    pd_over_fa,
    reliability,
    score_parts,
)
from irstd.report.results import Result

if TYPE_CHECKING:
    from irstd.settings.gate import Budget  # a type alone: which values it allows decides no byte

TABLE_TITLES = {
    "val": "Validation, which decides",
    "test": "Test, scored once a variant and only reported",
    DISTINCT: "Test without its near-duplicates of training and validation frames",
}

RELIABILITY = "reliability.png"


@dataclass(frozen=True)
class Picture:
    """A picture: its file below the report's folder, its PNG, and the sentence under it."""

    file: str
    content: bytes
    caption: str


@dataclass(frozen=True)
class Section:
    """A heading, a lead and pictures."""

    title: str
    pictures: Sequence[Picture]
    lead: str = ""


def notes(results: Sequence[Result], decides: str) -> list[str]:
    """Return the notes that a reader of the figures needs; `decides`: the id of the figure that decides."""
    card = results[0].card
    counts = " and ".join(
        f"{card.splits[split].frames} {name} frames with {card.splits[split].targets} targets"
        for split, name in (("val", "validation"), ("test", "test"))
    )
    sets = card.evaluation_set
    hashes = ", ".join(f"{split} {sets[split][:12]}" for split in SPLITS if split in sets)
    names = f"; content hashes {hashes}" if hashes else ""
    return [
        f"HSE is {card.val.definition}, 100 is best: our reading of the score that the FDEP abstract names, an "
        "integral over thresholds of pixel-level confidence (pixel) and of target-level robustness (target); its "
        "formula is not public, so the constants are ours.",
        "HSE-2 is hse-2: the average precision of pixels (AP pixel) and of targets (AP target) over the ranks of "
        "scores. A rising map of the scores moves HSE and leaves HSE-2 as it is.",
        f"Validation decides: search, operating thresholds and promotion see it alone, the first and the last by "
        f"{FIGURES[decides].title}, which also sorts the rows. Test is scored once a row.",
        "F1, Pd and Fa count targets found within 5 px at the operating threshold of the row, which was chosen on "
        f"validation. {UNDEFINED} is undefined, as all but Fa is without a true target.",
        "In brackets: 95 % intervals, from 2,000 draws of as many frames with replacement. They tell what the choice "
        "of frames is worth, not what another seed of the training is.",
        "The pixel part of a detector that reports points measures the pixels that a fixed step grows round them. The "
        "ceiling is the HSE that the true points get through that step on the same frames: what a row lacks to it is "
        f"the detector's, what the ceiling lacks to 100 the step's; ceiling-2 is the same of HSE-2. {UNDEFINED}: a "
        "detector of masks, which has none.",
        "A row of 0 parameters is an untrained floor to compare with.",
        *_calibration(results),
        f"Scored on {counts}{names}.",
        *_near_duplicates(results),
        *[f"{each.name}: {warning}." for each in results for warning in each.card.warnings],
        *_references(results),
    ]


def _calibration(results: Sequence[Result]) -> list[str]:
    """Return the expected calibration error of each row on test, raw and calibrated, where it is known."""
    told = [(each.name, each.card.test) for each in results if each.card.test.calibration_error_raw is not None]
    if not told:
        return []
    errors = ", ".join(
        f"{name} {number(test.calibration_error_raw, 3)} and {number(test.calibration_error, 3)}" for name, test in told
    )
    return [
        "Every figure above is decided by the detector's own scores; `irstd detect` writes probabilities where a "
        f"bundle has a calibration. Expected calibration error on test, raw and as written: {errors}."
    ]


def _near_duplicates(results: Sequence[Result]) -> list[str]:
    """Return how many frames the table without near-duplicates leaves out, if there is one."""
    card = results[0].card
    if card.test_distinct is None or not all(each.card.test_distinct for each in results):
        return []
    left_out = card.test.frames - card.test_distinct.frames
    are = "1 test frame is a near-duplicate" if left_out == 1 else f"{left_out} test frames are near-duplicates"
    return [f"{are} of training or validation frames (near_duplicates.csv)."]


def _references(results: Sequence[Result]) -> list[str]:
    names = [each.name for each in results if each.card.reference]
    return [f"References, scored beside the variants and never promoted: {', '.join(names)}."] if names else []


def sections(results: Sequence[Result], budget: "Budget") -> list[Section]:
    """Return the sections with the pictures of all variants; learning curves show the figure that decides."""
    decides = budget.figure
    curves = learning_curves(results, decides)
    title, whole = FIGURES[decides].title, "hse_2" if decides == "hse_2" else "hse"
    caption = f"{FIGURES[whole].title} and its two parts, in percent, best validation first."
    plots = [
        Picture("hse.png", score_parts(results, whole), caption),
        Picture(
            "cost.png",
            score_over_cost(results, budget),
            f"{title} over what a frame costs, with 95 % intervals; the stair joins the variants that none beats at "
            "the same or less cost.",
        ),
        Picture(
            "pd-fa.png",
            pd_over_fa(results),
            "Share of targets found (5 px) over the area of false alarms, at confidences 0.1 to 0.9; rings are the "
            "operating points.",
        ),
        Picture("iou.png", iou_over_confidence(results), "IoU of all pixels and nIoU of frames over the confidence."),
        Picture(
            "difficulty.png",
            pd_by_difficulty(results),
            "Share of targets found at the operating threshold, by their size and by their contrast to their "
            "surroundings (in standard deviations of those); classes without a target are left out.",
        ),
    ]
    reliable = reliability(results)
    if reliable is not None:
        caption = (
            "Reliability: share of the detections that are hits, by tenths of their score, at the operating threshold; "
            "dashed: raw scores, solid: the probabilities that `irstd detect` writes, the same where a bundle has no "
            "calibration, which is fitted on validation."
        )
        plots.append(Picture(RELIABILITY, reliable, caption))
    if curves is not None:
        caption = f"Training loss and {title} on validation of each fit; what is untrained has no curve."
        plots.append(Picture("curves.png", curves, caption))
    surfaces = [
        Picture(f"surface-{result.name}.png", f1_surface(result), f"F1 of {result.name} over confidence and distance.")
        for result in results
    ]
    lead = (
        "F1 over confidence and matching distance; the target part is the mean of a surface. Arrows: where it operates."
    )
    return [Section("Figures", plots), Section("Surfaces", surfaces, lead)]
