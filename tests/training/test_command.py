"""`python -m irstd.training`: a fit where the pipeline's tools are absent."""

import json
import subprocess
import sys
from pathlib import Path

import grimp
import pandas as pd
import pytest

from irstd.curation.demo import make_demo
from irstd.errors import SettingsError
from irstd.models.bundle import load_detector
from irstd.models.folder import bundle_hash
from irstd.models.table import DETECTORS, detector_modules
from irstd.settings.labels import Labels
from irstd.settings.train import Train
from irstd.training.__main__ import main
from irstd.training.profile import read_profile

# What the machines that train need not have.
ABSENT = ("ray", "mlflow", "prefect", "dvc", "pydantic", "typer", "rich", "matplotlib", "pyarrow")
WITHOUT = f"""
import sys
for name in {ABSENT}:
    sys.modules[name] = None  # an import of it fails
"""
ALONE = f"""{WITHOUT}
from irstd.training.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
IMPORTS = f"""{WITHOUT}
from importlib import import_module
for module in sys.argv[1:]:
    import_module(module)
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw") / "tiny"
    make_demo(folder, 10, 3)
    return folder


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(
        "labels: {size: 64}\ntune: {trials: 2}\n"
        "train: {steps: 4, batch: 2, crop: 64, scale: [1.0, 1.1], warmup_steps: 1, validate_every: 2}\n"
    )
    return path


def test_a_bundle_comes_out_without_the_pipelines_tools(dataset: Path, profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-c", ALONE, dataset, "--profile", profile, "--out", out, "--threads", "1", "--test"]
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "step 4 of 4" in done.stdout
    bundle = load_detector(out / "bundle").bundle
    assert bundle.data["size"] == 64
    assert bundle.curve is not None
    assert bundle.curve.frames == len((dataset / "splits/val.txt").read_text().split())
    assert pd.read_csv(out / "curve.csv")["step"].tolist() == [2, 4]
    scores = json.loads((out / "scores.json").read_text())
    assert scores["test"]["frames"] == 2
    assert not (out / "unfinished.safetensors").exists()
    # The same once more, in this process: the same bytes.
    again = tmp_path / "again"
    assert main([str(dataset), "--profile", str(profile), "--out", str(again), "--threads", "1"]) == 0
    assert bundle_hash(again / "bundle") == bundle_hash(out / "bundle")


def test_whatever_a_fit_can_import_needs_none_of_the_pipelines_tools() -> None:
    graph = grimp.build_graph("irstd", exclude_type_checking_imports=True, cache_dir=None)
    starts = {module for module in graph.modules if module.startswith("irstd.training.")}
    starts |= {module for name in (*DETECTORS, "fdep-acm") for module in detector_modules(name)}
    closure = sorted(starts.union(*map(graph.find_upstream_modules, starts)))
    assert {"irstd.settings.train", "irstd.settings.project", "irstd.models.fdep.detector"} <= set(closure)
    assert "irstd.settings.load" not in closure
    done = subprocess.run([sys.executable, "-c", IMPORTS, *closure], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--set", "stepz=3"], "train.stepz: unknown name; did you mean steps?"),
        (["--set", "steps"], "--set steps: needs NAME=VALUE"),
        (["--set", "scale=[1]"], "tiny.yaml: train.scale: "),
        (["--model", "color=blue"], "spire: model.color: "),
        (["--variant", "spir"], "unknown detector 'spir': did you mean spire?"),
        (["--profile", "absent.yaml"], "absent.yaml: "),
        (["--device", "cuda"], "torch sees no GPU here"),
    ],
)
def test_a_mistake_ends_in_one_line(  # noqa: PLR0917 - four fixtures
    dataset: Path, profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str
) -> None:
    code = main([str(dataset), "--profile", str(profile), "--out", str(tmp_path / "out"), *more])
    error = capsys.readouterr().err
    assert (code, error.count("\n")) == (1, 1)
    assert error.startswith("error: ")
    assert message in error


def test_a_profile_without_a_file_is_the_defaults() -> None:
    assert read_profile(None, "spire", {}) == (Labels(), Train())


@pytest.mark.parametrize("text", ["- 1", "trian: {}", "labels: ["])
def test_a_file_that_is_no_profile(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(SettingsError, match=r"x\.yaml: "):
        read_profile(tmp_path / "x.yaml", "spire", {})
