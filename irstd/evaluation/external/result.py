"""A score as flat JSON."""

import json
from typing import Any

from irstd.metrics import Score

_CEILING = ("hse", "pixel", "hse_2", "ap_pixel")


def result_json(score: Score, ceiling: Score | None = None) -> str:
    """One JSON object, a line a figure, with all digits.

    Fractions lie in [0, 1], `hse` (hse-1) and `hse_2` in [0, 100]; `fa_3` and `fa_5` are areas ×1e-6 (12.3 means
    12.3e-6); an undefined figure is null. Figures without a distance are those of pixels; `_3` and `_5` are of targets
    within 3 and 5 px.
    `ceiling_hse`, `ceiling_pixel`, `ceiling_hse_2` and `ceiling_ap_pixel` are those of `ceiling`; null without it.
    """
    flat = _flat(score, ceiling)
    lines = (f"  {json.dumps(name)}: {json.dumps(value, allow_nan=False)}" for name, value in flat.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _flat(score: Score, ceiling: Score | None) -> dict[str, Any]:
    whole = score.to_dict()
    pixels, near, far = score.at_operating, score.at_3px, score.at_5px
    return {
        **{name: whole[name] for name in ("definition", "hse", "pixel", "target", "a_iou", "a_niou")},
        **{name: whole[name] for name in ("hse_2", "ap_pixel", "ap_target")},
        **{f"ceiling_{name}": None if ceiling is None else getattr(ceiling, name) for name in _CEILING},
        **{"iou": pixels.iou, "niou": pixels.niou},
        **{"pixel_precision": pixels.precision, "pixel_recall": pixels.recall, "pixel_f1": pixels.f1},
        **{"pd_3": near.recall, "fa_3": near.fa_per_mpx, "precision_3": near.precision, "f1_3": near.f1},
        **{"precision_5": far.precision, "recall_5": far.recall, "f1_5": far.f1, "fa_5": far.fa_per_mpx},
        **{"tp_5": far.tp, "fp_5": far.fp, "fn_5": far.fn},
        **{name: whole[name] for name in ("frames", "target_frames", "targets", "pixels")},
        "threshold": score.operating_threshold,
        **{name: whole[name] for name in ("pd_fa_auc", "target_free", "by_size", "by_contrast", "surface")},
    }
