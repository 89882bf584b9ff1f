"""Test figures without near-duplicates; the whole stage is among those of test_stages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from irstd.comparison.stored import read_counts
from irstd.datasets.prepared import PreparedDataset
from irstd.evaluation.ceiling import ceiling
from irstd.evaluation.scoring import score_frames
from irstd.files.json_files import read_json, write_json
from irstd.metrics import pooled, score_of
from irstd.metrics.headline import FIGURES
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, load_detector, save_bundle
from irstd.models.registry import build
from irstd.project.environment import find_root
from irstd.settings.project import Settings
from irstd.tracking.runs import find_runs
from irstd.tracking.store import open_store
from pipelines.evaluate import evaluate
from pipelines.prepare import prepare

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("services")]

NEAR = Path("outputs/tiny/audit/near_duplicates.csv")
SCORES = Path("outputs/tiny/scores/spots")
HEAD = "split,frame,other_split,other,correlation"


@pytest.fixture(scope="module")
def prepared(project: Path, settings: Settings) -> PreparedDataset:
    """The tiny dataset, prepared, beside a bundle that finds bright spots."""
    prepare(settings)
    bundle = Bundle("tophat", {"kernel": 5}, Rules(threshold=0.6), warnings=("seen before",))
    save_bundle(project / "spots", build("tophat", {"kernel": 5}), bundle)
    return PreparedDataset.open(project / "data/prepared/tiny")


def scored(settings: Settings, *near: str) -> dict[str, Any]:
    """score.json where near_duplicates.csv has these rows."""
    NEAR.write_text("".join(f"{line}\n" for line in (HEAD, *near)))
    evaluate(settings, "spots", "spots")
    card: dict[str, Any] = read_json(SCORES / "score.json")
    for split in card["evaluation_set"] | {"test_distinct": ""}:
        if split in card:
            check_intervals(card[split].pop("intervals"), card[split])
            assert card[split].pop("ceiling") is None  # the top-hat gives masks
            raw, written = card[split].pop("calibration_error_raw"), card[split].pop("calibration_error")
            assert raw == written  # the bundle has no calibration
    return card


def check_intervals(intervals: dict[str, list[float] | None], score: dict[str, Any]) -> None:
    """Each figure has an interval that holds it, or neither."""
    assert set(intervals) >= {"hse", "f1", "pd", "fa_per_mpx"}
    for name, ends in intervals.items():
        if ends is not None:
            assert ends[0] <= score[name] <= ends[1]


def alone(prepared: PreparedDataset, names: Sequence[str]) -> dict[str, Any]:
    """The score of some test frames, scored on their own."""
    loaded = load_detector(Path("spots"))
    samples = [sample for sample in prepared.split("test") if sample.name in names]
    plain = score_frames(loaded.detector, samples, loaded.bundle.operating).compute().to_dict()
    del plain["surface"]
    write_json(Path("alone.json"), plain)  # with as many digits as score.json has
    card: dict[str, Any] = read_json(Path("alone.json"))
    return card


def test_test_without_near_duplicates_is_the_score_of_the_other_frames(
    prepared: PreparedDataset, settings: Settings
) -> None:
    names = [sample.name for sample in prepared.split("test")]
    train, val = ([sample.name for sample in prepared.split(split)] for split in ("train", "val"))
    rows = [f"test,{names[1]},train,{name},0.995000" for name in train[:2]]  # one frame like two others
    card = scored(settings, *rows, f"val,{val[0]},train,{train[0]},0.995000")
    assert card["test"]["frames"] == 3
    assert card["test_distinct"]["frames"] == 2
    assert card["test_distinct"] == alone(prepared, [names[0], names[2]])
    assert card["test"] == alone(prepared, names)
    assert card["test_distinct"] != card["test"]
    assert card["warnings"] == ["seen before"]
    shown = read_json(SCORES / "hse.json")
    assert shown["test_distinct"] == {name: card["test_distinct"][name] for name in FIGURES}
    assert set(read_json(SCORES / "surface.json")) >= {"val", "test"}
    store = open_store(find_root())
    (run,) = [store.client.get_run(run.id) for run in find_runs(store, "tiny", {"irstd.variant": "spots"})]
    assert run.data.metrics["test_distinct_hse"] == pytest.approx(card["test_distinct"]["hse"])
    whole = read_json(SCORES / "score.json")
    for split in ("val", "test"):
        assert run.data.metrics.get(f"{split}/calibration_error_raw") == whole[split]["calibration_error_raw"]


def test_without_near_duplicates_in_test_there_is_no_such_score(prepared: PreparedDataset, settings: Settings) -> None:
    val, train = (next(iter(prepared.split(split))).name for split in ("val", "train"))
    for near in ((), (f"val,{val},train,{train},0.995000",)):
        assert "test_distinct" not in scored(settings, *near)


def test_where_every_test_frame_is_one_nothing_is_defined(prepared: PreparedDataset, settings: Settings) -> None:
    rows = [f"test,{sample.name},train,other,0.995000" for sample in prepared.split("test")]
    card = scored(settings, *rows)["test_distinct"]
    assert card["frames"] == 0
    assert {card[name] for name in FIGURES} == {None}


def test_a_point_model_has_the_ceiling_of_its_frames(
    prepared: PreparedDataset, project: Path, settings: Settings
) -> None:
    save_bundle(project / "points", build("spire", {"size": 64}), Bundle("spire", {"size": 64}, Rules()))
    names = [sample.name for sample in prepared.split("test")]
    NEAR.write_text(f"{HEAD}\ntest,{names[1]},train,other,0.995000\n")
    evaluate(settings, "points", "points")
    card = read_json(SCORES.with_name("points") / "score.json")
    for split, part in {"val": "val", "test": "test", "test_distinct": "test"}.items():
        samples = [sample for sample in prepared.split(part) if split != "test_distinct" or sample.name != names[1]]
        wanted = ceiling(samples).compute()
        assert card[split]["ceiling"] == pytest.approx(
            {each: getattr(wanted, each) for each in ("hse", "pixel", "hse_2", "ap_pixel")}, rel=1e-8
        )
    assert card["test"]["ceiling"] != card["test_distinct"]["ceiling"]


def test_the_counts_of_each_frame_are_kept(prepared: PreparedDataset, settings: Settings) -> None:
    card = scored(settings)
    counted = read_counts(SCORES / "counts.parquet")
    assert list(counted) == ["val", "test"]
    whole = score_of(pooled((frame.counts for frame in counted["test"]), card["test"]["operating_threshold"]))
    assert whole.hse == pytest.approx(card["test"]["hse"], rel=1e-8)
    assert [frame.name for frame in counted["test"]] == [sample.name for sample in prepared.split("test")]
