"""Which run a fit or a bundle has, and what it says of its making."""

import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from irstd.models.registry import find_detector
from irstd.tracking import BUNDLE_TAG
from irstd.tracking.lineage import code_tags, open_bundle_run, open_fit_run
from irstd.tracking.parameters import fit_parameters
from irstd.tracking.runs import DatasetRef, metric
from irstd.tracking.store import open_store
from irstd.training.config import FitConfig
from irstd.training.jobs import FitJob
from tests.tracking.build import new_store

DATA = DatasetRef("set", "0123", "data/raw/set")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_other_settings_code_or_data_are_another_run(project: Path) -> None:
    store = new_store(project)
    first = open_fit_run(store, DATA, "spire", "spire", steps=4)
    assert open_fit_run(store, DATA, "spire", "spire", steps=4).id == first.id
    others = [open_fit_run(store, DATA, "spire", "spire", steps=5)]
    others.append(open_fit_run(store, DatasetRef("set", "4567", "data/raw/set"), "spire", "spire", steps=4))
    (project / "outputs/code/train").mkdir(parents=True)
    (project / "outputs/code/train/spire").write_text("another code\n")
    others.append(open_fit_run(store, DATA, "spire", "spire", steps=4))
    assert len({first.id, *(run.id for run in others)}) == 4


def test_a_bundle_s_run_is_the_one_that_made_it_and_one_from_elsewhere_has_its_own(project: Path) -> None:
    store = new_store(project)
    fit = open_fit_run(store, DATA, "spire", "spire", steps=4)
    fit.tags({BUNDLE_TAG: "abc"})
    assert open_bundle_run(store, DATA, "spire", "spire", "abc").id == fit.id
    twin = open_bundle_run(store, DATA, "twin", "spire", "abc")
    assert twin.id != fit.id
    assert open_bundle_run(store, DATA, "twin", "spire", "abc").id == twin.id
    assert open_bundle_run(store, DatasetRef("set", "4567", "data/raw/set"), "spire", "spire", "abc").id != fit.id


def test_a_run_says_whether_its_code_is_that_of_its_commit(project: Path) -> None:
    assert "irstd.commit" not in code_tags()
    (project / "params.yaml").write_text("dataset: demo\n")
    (project / "dvc.lock").write_text("schema: '2.0'\n")
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "--quiet"], ["add", "."], [*who, "commit", "--quiet", "--message", "first"]):
        subprocess.run(["git", *command], check=True)
    clean = code_tags()
    assert clean["irstd.dirty"] == "no"
    assert len(clean["irstd.commit"]) == 40
    (project / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")  # DVC writes it at every stage
    assert code_tags()["irstd.dirty"] == "no"
    assert code_tags()["irstd.dvc_lock"] != clean["irstd.dvc_lock"]
    (project / "params.yaml").write_text("dataset: other\n")
    assert code_tags()["irstd.dirty"] == "yes"


def test_every_setting_is_a_parameter_as_it_was_resolved() -> None:
    job = FitJob(
        "spire",
        {"color": "grey"},
        FitConfig(steps=7, warmup_steps=2, seed=3),
        {"dataset": "demo", "size": 64},
        variant="own",
    )
    drawn = fit_parameters(job.drawn({"train.learning_rate": 0.5}))
    assert drawn["variant"] == "own"
    assert (drawn["train.steps"], drawn["seed"], drawn["train.learning_rate"]) == ("7", "3", "0.5")
    assert (drawn["train.loss"], drawn["model.color"], drawn["size"]) == ("null", "grey", "64")
    assert {f"model.{each.name}" for each in fields(find_detector("spire").settings)} <= set(drawn)
    assert {f"train.{each.name}" for each in fields(FitConfig)} - set(drawn) == {
        "train.seed",
        "train.decides",
        "train.threads",
    }
    assert len(drawn) <= 100  # of one request to MLflow


def test_headline_scores_have_the_short_names() -> None:
    assert [metric("val", name) for name in ("hse_2", "pd")] == ["val_hse_2", "val/pd"]
    assert metric("fit", "hse_2") == "fit/hse_2"


@pytest.mark.parametrize("copy", [".dvc/tmp/exps/tmp1234", ".dvc/tmp/exps/standalone/tmp1234"])
def test_a_queued_experiment_writes_into_the_project_s_store(tmp_path: Path, copy: str) -> None:
    """`dvc exp run --queue` and `--temp` run in a copy of the project, which is removed."""
    new_store(tmp_path)
    (tmp_path / copy).mkdir(parents=True)
    store = open_store(tmp_path / copy)
    assert store.client.tracking_uri == f"sqlite:///{tmp_path}/var/mlflow.db"
    assert store.artifacts == (tmp_path / "var/mlartifacts").as_uri()
    assert not (tmp_path / copy / "var").exists()
