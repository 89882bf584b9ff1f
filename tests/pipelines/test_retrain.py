"""New frames become a new version and, maybe, a champion; a run that fails leaves everything as it was."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import yaml
from prefect import Flow
from prefect.client.schemas.objects import State

from irstd.curation.intake.waiting import InboxSet
from irstd.datasets.fingerprint import fingerprint
from irstd.frames import read_image, write_png
from irstd.project.paths import Layout
from irstd.settings.load import load_settings
from irstd.tracking import CHAMPION
from irstd.tracking.registry import alias_version
from irstd.tracking.store import open_store
from pipelines.door import dvc
from pipelines.door.command import run_command
from pipelines.retrain import main, retrain
from pipelines.retraining import inbox
from pipelines.retraining.leaving import quarantine
from pipelines.retraining.lock import AtWorkError, exclusive_lock
from pipelines.retraining.run import too_late
from pipelines.retraining.undo import pending
from tests.curation.intake.build import new_set
from tests.road.project import git
from tests.road.walked import copy_walked

Made = Callable[[Path], Path]
NOW = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
HOLD = """
import time
from pipelines.retraining.leaving import quarantine
from pipelines.retraining.lock import exclusive_lock
with exclusive_lock():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def here(tmp_path: Path, make_project: Made, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny project, entered, that neither git nor DVC knows."""
    folder = tmp_path / "project"
    folder.mkdir()
    make_project(folder)
    monkeypatch.chdir(folder)
    return folder


def edit(**sections: dict[str, Any]) -> None:
    content = yaml.safe_load(Path("params.yaml").read_text())
    for name, values in sections.items():
        content[name] = {**content.get(name, {}), **values}
    Path("params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))


def test_nothing_new_ends_at_once_and_starts_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["retrain"])
    for text in ("does not exist", "holds no complete set"):
        with pytest.raises(SystemExit) as ended:
            run_command(main)
        assert ended.value.code == 0
        assert capsys.readouterr().out.splitlines() == [
            f"nothing new: data/inbox {text}, and data/raw/tiny has no new version"
        ]
        (here / "data/inbox").mkdir(exist_ok=True)
    assert not (here / "var/prefect-server.log").exists()


def test_a_set_waits_until_nothing_in_it_changes(here: Path) -> None:
    new_set(here / "data/inbox/night", 100)
    news = inbox.look(load_settings())
    assert (bool(news), news.sets) == (False, ())
    assert news.arriving == ("night is still arriving (changed 0 s ago); it waits",)
    edit(retrain={"settle_s": 0})
    assert [each.name for each in inbox.look(load_settings()).sets] == ["night"]


def test_a_pointer_that_dvc_lock_does_not_know_is_news(here: Path) -> None:
    where = Layout("tiny")
    assert not inbox.pointer_changed(where)
    Path("data/raw/tiny.dvc").write_text("outs: [{md5: abc.dir, path: tiny}]")
    assert inbox.pointer_changed(where)
    stage = {"deps": [{"path": "data/raw/tiny", "md5": "abc.dir"}]}
    Path("dvc.lock").write_text(yaml.safe_dump({"stages": {"prepare": stage}}))
    assert not inbox.pointer_changed(where)
    stage["deps"][0]["md5"] = "other.dir"
    Path("dvc.lock").write_text(yaml.safe_dump({"stages": {"prepare": stage}}))
    assert inbox.pointer_changed(where)


def test_quarantine_holds_the_set_and_the_reason(here: Path) -> None:
    for turn in (0, 1):
        folder = new_set(here / "data/inbox/night", 100 + turn)
        digest = fingerprint(folder)
        place = "night-2" if turn else "night"  # the second time one of that name is there
        line = quarantine(InboxSet(folder, 99.0), "first fault\nsecond fault")
        assert line == f"night did not come in: first fault; see data/quarantine/{place}.reason.txt"
        assert fingerprint(here / "data/quarantine" / place) == digest
        assert not folder.exists()
        text = (here / f"data/quarantine/{place}.reason.txt").read_text()
        assert "first fault\nsecond fault\n" in text
        assert "move it back into the inbox" in text


def test_a_run_too_late_says_so() -> None:
    assert too_late(None, NOW, 60) == ""
    assert too_late(NOW - timedelta(minutes=59), NOW, 60) == ""
    assert too_late(NOW - timedelta(minutes=125), NOW, 60) == (
        "was planned for 2026-01-02 00:55 UTC, 125 min ago; more than retrain.too_late_min = 60 is too late, "
        "the next planned run looks for new data"
    )


def test_the_lock_keeps_others_out_and_dies_with_its_process(here: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(AtWorkError, match=rf"another retraining is at work \(process {holder.pid}\)"),
            exclusive_lock(),
        ):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with exclusive_lock():
            pass


# From here on the real thing: DVC, Prefect, Ray and MLflow in a clone.


@pytest.fixture(scope="module")
def project_(tmp_path_factory: pytest.TempPathFactory, services: None) -> Iterator[Path]:
    """A walked project with a champion, its dataset versioned, entered; one variant is left to be trained again."""
    folder = copy_walked(tmp_path_factory, tmp_path_factory.mktemp("retrain") / "project")
    subprocess.run([sys.executable, "-m", "dvc", "add", "-q", "data/raw/tiny"], cwd=folder, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("IRSTD_PYTHON", sys.executable)
        content = yaml.safe_load(Path("params.yaml").read_text())
        del content["variants"]["tophat"]
        content["references"], content["retrain"] = {}, {"settle_s": 0}
        content["tune"]["trials"] = 1  # the search is walked elsewhere
        Path("params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "versioned")
        yield folder


def run_() -> State[Any]:
    """The state that a run ends in."""
    return cast(State[Any], cast("Flow[[], Any]", retrain)(return_state=True))


def state_of(folder: Path) -> dict[str, str]:
    """Everything a failed run must leave: data, outputs, metrics, lock and pointer by the hash of their bytes."""
    kept = [
        path for part in ("data/raw/tiny", "data/prepared", "outputs") for path in sorted((folder / part).rglob("*"))
    ]
    files = [path for path in (*kept, folder / "dvc.lock", folder / "data/raw/tiny.dvc") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def put_set(folder: Path, name: str, seed: int, frames: int = 2) -> Path:
    """A set of frames unlike any there, of the size of the demo's, in the inbox."""
    place = new_set(folder / "data/inbox" / name, *range(seed, seed + frames))
    for path in sorted(place.rglob("*.png")):
        levels = np.asarray(read_image(path), dtype=np.uint8)
        write_png(path, np.pad(levels, ((40, 40), (40, 40)), mode="constant" if "masks" in path.parts else "wrap"))
    return place


@pytest.mark.slow
def test_a_run_that_fails_leaves_everything_as_it_was(project_: Path) -> None:
    good, bad = put_set(project_, "night", 100), put_set(project_, "torn", 200)
    (bad / "images/f1.png").write_bytes(b"half a frame")
    before, digest, champion = state_of(project_), fingerprint(good), alias_version(open_store(project_), CHAMPION)
    assert champion is not None
    edit(compute={"fit": {"cpus": 1, "gpus": 1}})  # no such thing here, so that the fit fails after prepare and tune
    failed = run_()
    edit(compute={"fit": {"cpus": 1, "gpus": 0}})
    assert (failed.name, failed.is_failed()) == ("Failed", True)
    assert str(failed.message).startswith("stage train@spire: compute.fit asks for 1 GPU")
    assert "\n" not in str(failed.message)
    assert state_of(project_) == before
    assert not pending()
    assert alias_version(open_store(project_), CHAMPION) == champion
    assert fingerprint(good) == digest
    assert (project_ / "data/quarantine/torn/images/f1.png").read_bytes() == b"half a frame"


@pytest.mark.slow
def test_from_a_champion_to_new_frames(project_: Path) -> None:
    good = project_ / "data/inbox/night"
    waiting = good.rename(project_ / "night")
    assert run_().name == "NothingNew"
    scored = [fingerprint(project_ / "data/raw/tiny", split) for split in ("val", "test")]
    waiting.rename(good)
    digest = fingerprint(good)

    ended = run_()
    assert ended.name in ("Promoted", "Refused"), ended.message
    raw = project_ / "data/raw/tiny"
    assert {"night_f0", "night_f1"} <= set((raw / "splits/train.txt").read_text().split())
    assert [fingerprint(raw, split) for split in ("val", "test")] == scored
    assert not good.exists()
    assert fingerprint(project_ / "data/taken/night") == digest
    assert json.loads((project_ / "reports/drift.json").read_text())["advised"] is None  # two frames are too few
    assert (project_ / "reports/drift.png").is_file()
    assert dvc.up_to_date()

    (project_ / "data/taken/night").rename(good)  # once more, by mistake
    again = run_()
    assert (again.name, good.exists()) == ("NothingNew", False)
    put_set(project_, "other-name", 100)  # the same frames in another set
    twice = run_()
    assert (twice.name, twice.message) == (
        "NothingNew",
        "nothing to learn from: no set in the inbox passed its audit and brings a new frame",
    )
    assert list((project_ / "data/inbox").iterdir()) == []


@pytest.mark.slow
def test_a_set_for_a_dataset_that_a_stage_makes_stays_where_it_is(project_: Path) -> None:
    shutil.copytree(project_ / "data/raw/tiny", project_ / "data/raw/demo", dirs_exist_ok=True)
    original = Path("params.yaml").read_text()
    Path("params.yaml").write_text(original.replace("dataset: tiny", "dataset: demo"))
    good = put_set(project_, "day", 300)
    try:
        failed = run_()
    finally:
        Path("params.yaml").write_text(original)
    assert failed.is_failed()
    assert str(failed.message).startswith("data/raw/demo: takes no new frames, since DVC does not version it")
    assert str(failed.message).endswith("`dataset: NAME` in params.yaml")
    assert good.is_dir()
