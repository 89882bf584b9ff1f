"""The road as a user walks it, in two clones: reproduce, again, edit, experiment; same inputs, same bytes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.road.project import call, clone, git, hashes
from tests.road.walked import SAID, copy_walked

pytestmark = pytest.mark.slow

Make = Callable[[Path], Path]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the walked project, its lock and metrics committed as a user would."""
    return copy_walked(tmp_path_factory, tmp_path_factory.mktemp("road") / "first")


def test_the_main_job_says_what_it_made_and_what_comes_next(first: Path) -> None:
    output = (first / SAID).read_text()
    for word in ("tune@spire", "train@tophat", "report", "HSE", "ms/frame", "first champion", "never registered"):
        assert word in output
    for next_step in ("report   ", "look     make services", "detect   .venv/bin/irstd detect"):
        assert next_step in output


def test_a_second_run_finds_nothing_to_do_and_leaves_git_clean(first: Path) -> None:
    before = (first / "reports/promotion.json").read_bytes()
    assert "nothing changed: every stage is up to date" in call(first, "pipelines.reproduce", "--promote")
    assert (first / "reports/promotion.json").read_bytes() == before
    assert git(first, "status", "--porcelain") == ""


def test_the_champion_is_found_without_being_named(first: Path) -> None:
    output = call(first, "irstd.cli", "detect", "data/raw/tiny/images", "--out", "found")
    assert "models:/irstd@champion" in output
    assert (first / "found/detections.csv").read_text().startswith("frame,x,y,score\n")
    assert len(list((first / "found/overlays").glob("*.png"))) == 15
    shutil.rmtree(first / "found")


def test_another_clone_gives_the_same_bytes_by_plain_dvc(
    first: Path, tmp_path: Path, make_project: Make, services: None
) -> None:
    second = clone(tmp_path, make_project)
    call(second, "dvc", "repro", "evaluate@spire")
    made = hashes(second)
    assert set(made) == {"code", "prepare", "tune@spire", "train@spire", "evaluate@spire"}
    assert made == {stage: hashes(first)[stage] for stage in made}


def test_editing_one_variant_touches_that_variant_alone(first: Path) -> None:
    params = first / "params.yaml"
    original = params.read_text()
    content = yaml.safe_load(original)
    content["variants"]["spire"]["search"]["train.learning_rate"] = [0.003]
    params.write_text(yaml.safe_dump(content, sort_keys=False))
    try:
        status = json.loads(call(first, "dvc", "status", "--json", "--with-deps", "dvc.yaml"))
    finally:
        params.write_text(original)
    assert {name for name in status if "tophat" in name} == set()
    assert "tune@spire" in status


def test_experiments_metrics_and_plots_are_dvcs_own(first: Path, services: None) -> None:
    call(first, "dvc", "exp", "run", "--set-param", "references.twin=outputs/tiny/bundles/tophat")
    assert "outputs/tiny/scores/spire/hse.json" in call(first, "dvc", "metrics", "show")
    assert "twin" in call(first, "dvc", "params", "diff")
    call(first, "dvc", "metrics", "diff", "--all")
    call(first, "dvc", "plots", "show")
    page = (first / "dvc_plots/index.html").read_text()
    assert "<img" in page
    assert "<script" not in page
    git(first, "checkout", "--quiet", ".")


def test_a_mistake_in_params_ends_the_job_in_one_line(first: Path, services: None) -> None:
    params = first / "params.yaml"
    original = params.read_text()
    try:
        params.write_text(original.replace("batch:", "bacth:", 1))
        assert "error: params.yaml: train.bacth: unknown name; did you mean batch?" in call(
            first, "pipelines.reproduce", fails=True
        )
        params.write_text(original.replace("  spire:", "  spire: {}\n  sprie:", 1))
        output = call(first, "pipelines.reproduce", fails=True)
        assert "error: unknown detector 'sprie': did you mean spire? known: " in output
        content = yaml.safe_load(original)
        content["compute"]["fit"]["gpus"] = 1
        params.write_text(yaml.safe_dump(content, sort_keys=False))
        output = call(first, "pipelines.train", "spire", fails=True)
        assert "error: compute.fit asks for 1 GPU and no machine of the cluster has more than 0" in output
    finally:
        params.write_text(original)
