import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from irstd.cli.fit_settings import find_fit_settings
from irstd.curation.demo import make_demo
from irstd.errors import SettingsError, UnknownNameError
from irstd.models.bundle import load_detector
from irstd.models.folder import bundle_hash
from irstd.models.pretrained import FOLDER
from irstd.settings.labels import Labels
from irstd.settings.train import Train
from irstd.training.__main__ import main
from tests.cli.running import fails, run
from tests.curation.importers.published import CASES

TRAIN = {"steps": 4, "batch": 2, "crop": 64, "warmup_steps": 1, "validate_every": 2}
CHANGES = [*(f"train.{name}={value}" for name, value in TRAIN.items()), "labels.size=64"]
OPTIONS = ["--variant", "spire", "--threads", 1, *(part for change in CHANGES for part in ("--set", change))]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw") / "tiny"
    make_demo(folder, 10, 3)
    return folder


def test_one_command_makes_a_bundle_without_the_pipelines_tools(
    dataset: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ray", "mlflow", "prefect", "dvc"):
        monkeypatch.setitem(sys.modules, name, None)
    ran = run("train", dataset, *OPTIONS, "--test")
    assert (ran.code, ran.err) == (0, [])
    bundle = outside / "trained/tiny-spire/bundle"
    assert load_detector(bundle).bundle.data["dataset"] == "tiny"
    assert ran.out[-1] == "next: irstd detect FRAMES --model trained/tiny-spire/bundle"
    assert [line.partition(":")[0] for line in ran.out[-4:-2]] == ["validation", "test"]
    assert sorted(path.name for path in bundle.parent.iterdir()) == ["bundle", "curve.csv", "scores.json"]
    # What was finished is replaced only when asked.
    assert fails("train", dataset, *OPTIONS).endswith("--replace")
    # The other command makes the same bytes of the same settings.
    (outside / "same.yaml").write_text(f"labels: {{size: 64}}\ntrain: {TRAIN}\n")
    assert main([str(dataset), "--profile", "same.yaml", "--out", "same", "--threads", "1"]) == 0
    assert bundle_hash(Path("same/bundle")) == bundle_hash(bundle)


@contextmanager
def stopping_at_the_end(title: str, unit: str) -> Iterator[Callable[[int, int | None], None]]:
    def tell(done: int, total: int | None) -> None:
        if done == total:
            raise KeyboardInterrupt

    yield tell


def test_stopped_by_the_keyboard_the_same_command_goes_on(
    dataset: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("irstd.cli.training.bar", stopping_at_the_end)
        ran = run("train", dataset, *OPTIONS, "--out", "mine")
    assert ran.code == 130
    assert ran.err[0] == "note: the same command goes on from mine/unfinished.safetensors"
    assert not Path("mine/bundle").exists()
    again = run("train", dataset, *OPTIONS, "--out", "mine")
    assert again.code == 0
    assert "goes on from mine/unfinished.safetensors" in again.out
    assert not any(line.startswith("step 2 of 4") for line in again.out)
    assert load_detector(Path("mine/bundle")).bundle.detector == "spire"


def test_a_set_as_published_is_refused_with_the_command_that_imports_it(outside: Path) -> None:
    source = CASES["basicirstd"].build(outside / "nudt")
    assert fails("train", source).endswith(f"irstd data import {source} --name nudt")


@pytest.fixture
def settings_project(tmp_path: Path) -> Path:
    folder = tmp_path / "settings"
    (folder / "profiles").mkdir(parents=True)
    (folder / "profiles/mine.yaml").write_text(
        "labels: {size: 64}\ntrain: {steps: 70, batch: 4}\ndetectors: {spire: {steps: 60, model: {centre: centroid}}}\n"
    )
    (folder / "profiles/other.yaml").write_text("train: {steps: 8}\n")
    (folder / "params.yaml").write_text(
        "dataset: few\nprofile: mine\ncompute: {seed: 3, fit: {cpus: 4}}\nbudget: {metric: pixel}\n"
        "variants:\n  a: {detector: spire, train: {crop: 32}, search: {train.jitter: [0, 1]}}\n"
    )
    return folder


def test_a_variant_has_the_settings_that_the_project_gives_it(settings_project: Path) -> None:
    found = find_fit_settings(settings_project, "a", None, ["train.batch=9", "model.color=rgb"])
    assert (found.detector, found.seed, found.threads, found.decides) == ("spire", 3, 4, "pixel")
    assert found.train == Train(steps=60, batch=9, crop=32)
    assert found.model == {"centre": "centroid", "color": "rgb"}
    assert found.labels == Labels(size=64)
    assert found.searched == ("train.jitter",)
    assert find_fit_settings(settings_project, "a", "other", []).train == Train(steps=8, crop=32)


def test_a_detector_that_is_no_variant_starts_from_the_shipped_bundle_of_it(
    settings_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("irstd.models.pretrained.FOLDER", FOLDER)
    for root in (settings_project, None):
        assert find_fit_settings(root, "spire-plus", None, []).train.start == "pretrained"
        assert find_fit_settings(root, "acm", None, []).train.start is None
        assert find_fit_settings(root, "spire-plus", None, ["train.start=null"]).train.start is None
    assert find_fit_settings(None, "spire", None, []).train == Train()
    assert find_fit_settings(None, "spire", str(settings_project / "profiles/mine.yaml"), []).train.steps == 60


@pytest.mark.parametrize(
    ("variant", "profile", "changes", "message"),
    [
        ("a", None, ["train.stepz=3"], "--set train.stepz: unknown name; did you mean steps"),
        ("a", None, ["train.steps=0"], "--set train.steps: must be at least 1"),
        ("a", None, ["steps=3"], "--set steps: names are train.SETTING"),
        ("a", None, ["train.steps"], "--set train.steps: needs NAME=VALUE"),
        ("a", "othr", [], "known: mine, other"),
        ("spir", None, [], "unknown variant or detector 'spir': did you mean spire"),
    ],
)
def test_a_mistake_is_named(
    settings_project: Path, variant: str, profile: str | None, changes: list[str], message: str
) -> None:
    with pytest.raises((SettingsError, UnknownNameError)) as found:
        find_fit_settings(settings_project, variant, profile, changes)
    assert message in str(found.value)
