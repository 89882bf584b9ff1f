"""A dataset comes in by one command: imported, audited, versioned, or not at all."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import ComputeError
from irstd.project.paths import Layout
from irstd.tracking.lineage import dataset_ref
from pipelines.door import dvc
from pipelines.door.command import run_command
from pipelines.ingest import main
from tests.curation.audit.build import sound
from tests.curation.audit.faults import FAULTS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("services")]

Made = Callable[[Path], Path]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path, make_project: Made, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny project, entered, that git and DVC know; its dataset `tiny` is not versioned."""
    folder = tmp_path / "project"
    folder.mkdir()
    make_project(folder)
    for command in (["git", "init", "--quiet"], [sys.executable, "-m", "dvc", "init", "--quiet"]):
        subprocess.run(command, cwd=folder, check=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Five sound frames as somebody may have them."""
    return sound(tmp_path / "published")


def ingest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, list[str], list[str]]:
    """The exit code of the command, and the lines it wrote."""
    monkeypatch.setattr(sys, "argv", ["ingest", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        run_command(main)
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, said.out.splitlines(), said.err.splitlines()


Call = Callable[..., tuple[int, list[str], list[str]]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return lambda *arguments: ingest(monkeypatch, capsys, *arguments)


def pointer(name: str) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(Path(f"data/raw/{name}.dvc").read_text())["outs"][0]
    return found


def left_in_state() -> list[str]:
    return sorted(path.name for path in Path("var/ingest").glob("*"))


def test_a_published_folder_comes_in_versioned(here: Path, source: Path, call: Call) -> None:
    before = fingerprint(source)
    code, said, faults = call(source, "--name", "mine")
    assert (code, faults) == (0, [])
    assert said == [
        f"ingest mine: importing {source}",
        "ingest mine: in data/raw/mine, versioned as data/raw/mine.dvc (commit it)",
        "next: `dataset: mine` in params.yaml, then dvc repro",
    ]
    dataset = CanonicalDataset.open(here / "data/raw/mine")
    assert dataset.splits == {"train": ("a", "b"), "val": ("c",), "test": ("d", "e")}
    assert (pointer("mine")["path"], pointer("mine")["nfiles"]) == ("mine", 14)
    assert dataset_ref(Layout("mine")).digest == pointer("mine")["md5"]
    cached = subprocess.run([sys.executable, "-m", "dvc", "status"], capture_output=True, text=True, check=True)
    assert "data/raw/mine" not in cached.stdout
    assert fingerprint(source) == before
    assert left_in_state() == []


def test_warnings_are_said_and_let_it_in(source: Path, here: Path, call: Call) -> None:
    FAULTS["near-duplicates"].make(source)
    code, said, faults = call(source, "--name", "mine")
    assert (code, faults) == (0, [])
    assert said[1] == f"  warning: {FAULTS['near-duplicates'].message}"
    assert pointer("mine")["path"] == "mine"


def test_a_dataset_with_errors_does_not_come_in(here: Path, source: Path, call: Call) -> None:
    before = fingerprint(here / "data/raw/tiny")
    FAULTS["exact duplicates"].make(source)
    for arguments in (("--name", "tiny", "--replace"), ("--name", "mine")):
        code, said, faults = call(source, *arguments)
        assert code == 1
        assert said[1:] == [f"  error: {FAULTS['exact duplicates'].message}"]
        (fault,) = faults
        assert fault.startswith(f"error: {arguments[1]}: 1 error (exact-duplicates)")
        assert f"`irstd data check var/ingest/{arguments[1]}`" in fault
    assert fingerprint(here / "data/raw/tiny") == before
    assert sorted(path.name for path in (here / "data/raw").iterdir()) == ["tiny"]
    assert left_in_state() == ["mine", "tiny"]  # to be looked at
    sound(here / "mended")
    assert call(here / "mended", "--name", "mine")[0] == 0
    assert left_in_state() == ["tiny"]


def test_a_taken_name_is_refused_before_anything_is_read(here: Path, source: Path, call: Call) -> None:
    before = fingerprint(here / "data/raw/tiny")
    for folder in (source, here / "absent"):
        code, said, faults = call(folder, "--name", "tiny")
        assert (code, said) == (1, [])
        assert [fault.split(";")[0] for fault in faults] == ["error: data/raw/tiny: exists already"]
    assert fingerprint(here / "data/raw/tiny") == before
    assert left_in_state() == []
    assert list(here.glob("data/raw/*.dvc")) == []


def test_with_replace_it_takes_the_place_of_another(here: Path, source: Path, call: Call, tmp_path: Path) -> None:
    assert call(source, "--name", "mine")[0] == 0
    old = pointer("mine")["md5"]
    other = sound(tmp_path / "other", with_points=True)
    assert call(other, "--name", "mine", "--replace")[0] == 0
    assert CanonicalDataset.open(here / "data/raw/mine").points is not None
    assert pointer("mine")["md5"] != old
    assert pointer("mine")["nfiles"] == 15
    assert sorted(path.name for path in (here / "data/raw").iterdir() if path.name != ".gitignore") == [
        "mine",
        "mine.dvc",
        "tiny",
    ]


def test_the_frames_travel_with_dvc_push_and_pull(here: Path, source: Path, call: Call, tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitignore", here)  # DVC overlooks pointers in a folder that this seems to ignore
    assert call(source, "--name", "mine")[0] == 0
    before = fingerprint(here / "data/raw/mine")
    for arguments in (["remote", "add", "--default", "team", str(tmp_path / "remote")], ["push", "--quiet"]):
        subprocess.run([sys.executable, "-m", "dvc", *arguments], check=True)
    for folder in ("data/raw/mine", ".dvc/cache"):
        shutil.rmtree(here / folder)
    subprocess.run([sys.executable, "-m", "dvc", "pull", "--quiet", "--allow-missing"], check=True)
    assert fingerprint(here / "data/raw/mine") == before


def test_layout_lists_and_seed_reach_the_import(here: Path, source: Path, call: Call) -> None:
    code, _, faults = call(source, "--name", "mine", "--layout", "dnanet")
    assert code == 1
    assert "is not of layout dnanet" in faults[0]
    code, _, faults = call(source, "--name", "mine", "--lists", "none")
    assert faults[0].startswith("error: unknown set of lists 'none'")
    (source / "splits/val.txt").unlink()
    (source / "splits/train.txt").write_text("a\nb\nc\n")
    assert call(source, "--name", "mine", "--seed", 7)[0] == 0
    assert CanonicalDataset.open(here / "data/raw/mine").info.splits.endswith("seed 7")


@pytest.mark.parametrize("name", ["../mine", "a/b", "/mine", ".mine", ""])
def test_a_name_that_is_a_path_is_refused(here: Path, source: Path, call: Call, name: str) -> None:
    code, said, faults = call(source, "--name", name)
    assert (code, said, len(faults)) == (1, [], 1)
    assert faults[0].startswith(f"error: '{name}' is no dataset name")
    assert left_in_state() == []
    assert sorted(path.name for path in (here / "data").rglob("*") if path.is_dir()) == [
        "images",
        "masks",
        "raw",
        "splits",
        "tiny",
    ]


def test_what_a_stage_makes_is_not_replaced(here: Path, source: Path, call: Call) -> None:
    (here / "data/raw/tiny").rename(here / "data/raw/demo")
    before = fingerprint(here / "data/raw/demo")
    code, _, faults = call(source, "--name", "demo", "--replace")
    assert (code, len(faults)) == (1, 1)
    assert faults[0].startswith("error: dvc add data/raw/demo: ")
    assert "demo" in faults[0].removeprefix("error: dvc add data/raw/demo: ")
    assert fingerprint(here / "data/raw/demo") == before


@pytest.mark.parametrize("versioned", [False, True])
def test_a_pointer_that_dvc_wrote_before_it_failed_is_taken_back(
    here: Path, source: Path, call: Call, monkeypatch: pytest.MonkeyPatch, versioned: bool
) -> None:
    if versioned:
        assert call(source, "--name", "mine")[0] == 0
    before = Path("data/raw/mine.dvc").read_bytes() if versioned else None

    def add(path: Path) -> None:
        """Fail as DVC does when its cache fills up."""
        Path(f"{path}.dvc").write_text("outs: half\n")
        raise ComputeError(f"dvc add {path}: no room")

    monkeypatch.setattr(dvc, "add", add)
    assert call(source, "--name", "mine", "--replace")[0] == 1
    assert (Path("data/raw/mine.dvc").read_bytes() if versioned else None) == before
    assert Path("data/raw/mine.dvc").exists() == Path("data/raw/mine").exists() == versioned
    assert left_in_state() == ["mine"]


def test_without_dvc_nothing_comes_in(here: Path, source: Path, call: Call) -> None:
    shutil.rmtree(here / ".dvc")
    code, _, faults = call(source, "--name", "mine")
    assert (code, len(faults)) == (1, 1)
    assert "you are not inside of a DVC repository" in faults[0]
    assert not (here / "data/raw/mine").exists()
    assert left_in_state() == ["mine"]
