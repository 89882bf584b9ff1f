"""The digests of the code are those of what the stages really import."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import grimp
import pytest
import yaml

from irstd.errors import ModelError
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.registry import build
from irstd.models.table import DETECTORS, detector_modules
from irstd.project.code_digest import closure
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from irstd.settings.variants import Variant
from pipelines.code import OUTSIDE, digests, write_digests

ROOT = Path(__file__).parents[2]

# Runs a tiny fit, scores its bundle, and prints which modules of ours it took.
FIT = """
import json, sys
from irstd.models.bundle import load_files
from irstd.training.config import FitConfig
from irstd.training.jobs import FitJob, run_job
from tests.training.tiny import scenes
samples = scenes()
config = FitConfig(steps=2, batch=2, crop=32, warmup_steps=1, validate_every=2, paste=0.5, jitter=0.1, rotate=5)
fitted = run_job(FitJob("{detector}", {model}, config, {{}}), {{"train": samples, "val": samples}}, lambda row: None)
load_files(fitted.files, "bundle")(samples[0].frame)
assert "timm" in sys.modules or "torch._dynamo" not in sys.modules  # the compiler, which takes 2 s of CPU
print(json.dumps([name for name in sys.modules if name.startswith("irstd.")]))
"""


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "params.yaml")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("irstd", "pipelines", exclude_type_checking_imports=True, cache_dir=None)


@pytest.mark.parametrize(
    ("detector", "model"),
    [("spire", {"size": 64}), ("acm", {}), ("fdep-acm", {"foundation": "test_vit", "weights": "random"})],
)
def test_a_fit_imports_nothing_that_its_digest_does_not_cover(
    detector: str, model: dict[str, object], graph: grimp.ImportGraph
) -> None:
    code = FIT.format(detector=detector, model=model)
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = set(json.loads(ran.stdout.splitlines()[-1]))
    covered = closure(graph, ["pipelines.train", *detector_modules(detector)], OUTSIDE)
    table = {"irstd.models.table"}  # rows of other detectors
    kept_out = {name for name in imported if any(f"{name}.".startswith(f"{each}.") for each in OUTSIDE)}
    assert imported - kept_out - table <= covered


@pytest.mark.parametrize("stage", ["tune", "train", "evaluate"])
def test_a_stage_names_no_detector_and_so_a_new_one_runs_no_other_again(stage: str, graph: grimp.ImportGraph) -> None:
    covered = closure(graph, [f"pipelines.{stage}"], OUTSIDE)
    assert not covered & {"irstd.models.table", *(each for name in DETECTORS for each in detector_modules(name))}


@pytest.mark.parametrize(
    ("module", "stages"),
    [
        ("irstd.curation.audit.audit", {"prepare"}),
        ("irstd.curation.importers.importing", set()),
        ("irstd.curation.demo.dataset", {"demo"}),
        ("irstd.comparison.compare", set()),
        ("irstd.report.plots", {"report"}),
        ("irstd.cli.app", set()),
        ("irstd.promotion.gate", set()),
        ("irstd.tracking.runs", set()),
        ("irstd.training.fit", {"tune", "train"}),
        ("irstd.settings.train", {"tune", "train"}),
        ("irstd.settings.gate", set()),
        ("irstd.metrics.targets", {"tune", "train", "evaluate", "report"}),
        ("irstd.labels.response", {"prepare", "tune", "train"}),
    ],
)
def test_which_stages_an_edit_runs_again(module: str, stages: set[str], graph: grimp.ImportGraph) -> None:
    every = ("demo", "prepare", "tune", "train", "evaluate", "report")
    assert {stage for stage in every if module in closure(graph, [f"pipelines.{stage}"], OUTSIDE)} >= stages
    without_fits = {stage for stage in every if module in closure(graph, [f"pipelines.{stage}"], OUTSIDE)}
    assert without_fits - stages <= {"evaluate"}


def test_there_is_a_digest_for_each_stage_and_variant(settings: Settings) -> None:
    own = replace(settings, references={"theirs": "nowhere"})
    each = {f"{stage}/{variant}" for stage in ("tune", "train", "evaluate") for variant in settings.variants}
    assert set(digests(own)) == whole_stages() | {"evaluate/theirs"} | each


def test_what_a_fit_starts_from_is_part_of_its_digest(settings: Settings, tmp_path: Path) -> None:
    start = tmp_path / "start"
    save_bundle(start, build("tophat", {}), Bundle("tophat", {}, Rules()))
    variants = {**settings.variants, "mine": Variant(detector="spire", train={"start": str(start)})}
    own = replace(settings, variants=variants)
    before = digests(own)
    save_bundle(start, build("tophat", {}), Bundle("tophat", {}, Rules(threshold=0.9)))
    after = digests(own)
    assert {name for name in before if before[name] != after[name]} == {"tune/mine", "train/mine"}
    with pytest.raises(ModelError, match=r"variants\.mine: train\.start: nowhere: no such bundle"):
        digests(replace(settings, variants={"mine": Variant(detector="spire", train={"start": "nowhere"})}))


def whole_stages() -> set[str]:
    """Stages without variants that depend on a digest, as the two dvc.yaml have them."""
    stages = [yaml.safe_load((ROOT / path).read_text())["stages"] for path in ("dvc.yaml", "data/dvc.yaml")]
    named = [dep for each in stages for stage in each.values() for dep in stage.get("do", stage).get("deps", ())]
    return {Path(dep).name for dep in named if "outputs/code/" in dep and "$" not in dep}


def test_only_what_changed_is_written(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_digests(settings)
    before = {path: path.stat().st_mtime_ns for path in Path("outputs/code").rglob("*") if path.is_file()}
    assert before
    write_digests(settings)
    assert before == {path: path.stat().st_mtime_ns for path in before}
