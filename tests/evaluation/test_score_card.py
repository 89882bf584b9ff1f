"""The score card: written and read back, old cards, damaged ones."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irstd.errors import DataError
from irstd.evaluation.score_card import Ceiling, ScoreCard, read_card, score_counts, write_card
from irstd.labels.calibration import Calibration
from irstd.metrics import HSE, ScoredFrame
from irstd.metrics.headline import headline
from irstd.metrics.interval import Interval
from tests.report.evidence import card, score


def whole() -> ScoreCard:
    """A card with every part."""
    val = replace(
        score(0.3, 0).score,
        intervals={"hse": Interval(0.25, 0.75), "precision": None},
        ceiling=Ceiling(87.5, None),
    )
    return replace(card("mine", val, val, val), warnings=("seen before",), reference=True)


def rewritten(folder: Path, change: Any) -> ScoreCard:
    """The card after `change` of the content of its file."""
    write_card(folder, whole())
    content = json.loads((folder / "score.json").read_text())
    change(content)
    (folder / "score.json").write_text(json.dumps(content))
    return read_card(folder)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_card(tmp_path, whole())
    first = (tmp_path / "score.json").read_bytes()
    found = read_card(tmp_path)
    assert headline(found.val) == pytest.approx(headline(whole().val), rel=1e-8)
    assert found.val.intervals == {"hse": Interval(0.25, 0.75), "precision": None}
    assert (found.variant, found.detector, found.warnings, found.reference) == ("mine", "spire", ("seen before",), True)
    assert list(found.splits) == ["val", "test", "test_distinct"]
    assert found.val.at_5px.tp == whole().val.at_5px.tp
    write_card(tmp_path, found)
    assert (tmp_path / "score.json").read_bytes() == first
    plain = json.loads(first)
    assert plain["val"]["intervals"] == {"hse": [0.25, 0.75], "precision": None}
    assert plain["val"]["ceiling"] == {"hse": 87.5, "pixel": None}
    assert "surface" not in plain["val"]


def test_a_calibration_changes_no_figure_but_its_own() -> None:
    random, holder = np.random.default_rng(0), HSE(0.3)
    for number in range(6):
        truth = np.zeros((32, 32), dtype=np.bool_)
        truth[8:11, 8:11] = True
        response = np.clip(0.6 * truth + random.normal(0, 0.15, truth.shape), 0, 1).astype(np.float32)
        holder.add(ScoredFrame(f"{number}", truth, response))
    plain = score_counts(holder.frames, 0.3, 0, None)
    mapped = score_counts(holder.frames, 0.3, 0, None, Calibration(0.5, 0.5, -1.0))
    assert plain.score.calibration_error == plain.score.calibration_error_raw == plain.raw.error is not None
    assert mapped.score.calibration_error == mapped.calibrated.error != mapped.raw.error
    assert replace(mapped.score, calibration_error=plain.score.calibration_error) == plain.score
    assert (mapped.raw, mapped.surface) == (plain.raw, plain.surface)


def test_without_near_duplicates_there_is_no_key(tmp_path: Path) -> None:
    write_card(tmp_path, replace(whole(), test_distinct=None))
    assert "test_distinct" not in json.loads((tmp_path / "score.json").read_text())
    assert list(read_card(tmp_path).splits) == ["val", "test"]


def test_a_card_of_an_older_version_is_read(tmp_path: Path) -> None:
    def age(content: dict[str, Any]) -> None:
        content["variant"] = content.pop("detector")
        for name in ("warnings", "reference"):
            del content[name]
        for split in ("val", "test"):
            for name in ("ceiling", "intervals", "hse_2", "ap_pixel", "ap_target"):
                del content[split][name]

    found = rewritten(tmp_path / "my-row", age)
    assert (found.variant, found.detector, found.reference) == ("my-row", "spire", False)
    assert (found.val.ceiling, found.val.intervals) == (None, {})
    assert (found.val.hse_2, found.val.ap_pixel, found.val.ap_target) == (None, None, None)
    assert rewritten(tmp_path / "row", lambda content: content.pop("variant")).variant == "row"


@pytest.mark.parametrize(
    ("place", "damage"),
    [
        ("gmac_512", lambda content: content.pop("gmac_512")),
        ("val", lambda content: content.pop("val")),
        ("test.hse", lambda content: content["test"].update(hse="good")),
        ("val.intervals.hse.high", lambda content: content["val"]["intervals"].update(hse=[1.0])),
        ("detector", lambda content: [content.pop(name) for name in ("detector", "variant")]),
    ],
)
def test_a_damaged_card_is_named_with_its_place(tmp_path: Path, place: str, damage: Any) -> None:
    with pytest.raises(DataError, match=f"score.json: {place}: "):
        rewritten(tmp_path, damage)
