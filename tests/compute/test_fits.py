"""A fit on a real Ray: its curve, its faults, and a worker that dies under it."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from irstd.compute.cluster import cluster
from irstd.compute.fits import FitListener, run_fit
from irstd.errors import ComputeError, TrainingError
from irstd.settings.compute import Resources
from irstd.training.checkpoint import FileShelf
from irstd.training.config import FitConfig
from irstd.training.curve import CurveRow
from irstd.training.jobs import FitJob, Fitted, run_job
from tests.compute.own_ray import own_ray
from tests.training.tiny import scenes

pytestmark = pytest.mark.slow

CONFIG = FitConfig(
    steps=20, batch=2, crop=32, warmup_steps=2, validate_every=8, row_every=4, label="gaussian", threads=1
)
JOB = FitJob("spire", {"size": 32, "color": "grey"}, CONFIG, {"dataset": "scenes"})
FRAMES = {"train": scenes(), "val": scenes(2)}


@pytest.fixture(scope="module", autouse=True)
def one_cpu() -> Iterator[None]:
    yield from own_ray(cpus=1)


@pytest.fixture(scope="module")
def alone() -> Fitted:
    """The fit at home."""
    return run_job(JOB, FRAMES, lambda row: None)


class Heard(FitListener):
    """Keeps what it hears; kills the worker when it hears of a row of one of these steps."""

    def __init__(self, *kill_at: int) -> None:
        self.kill_at, self.steps, self.losses = list(kill_at), list[int](), list[str]()

    def row(self, row: CurveRow) -> None:
        self.steps.append(row.step)
        if self.kill_at and row.step == self.kill_at[0]:
            del self.kill_at[0]
            os.kill(worker(), signal.SIGKILL)

    def lost(self, line: str) -> None:
        self.losses.append(line)


def worker() -> int:
    """The process that the fit runs in."""
    ours = psutil.Process().children(recursive=True)
    (found,) = [each.pid for each in ours if each.is_running() and each.cmdline()[:1] == ["ray::_stream"]]
    return found


def test_a_fit_on_a_worker_gives_the_bundle_of_one_at_home(alone: Fitted, tmp_path: Path) -> None:
    heard = Heard()
    with cluster():
        fitted = run_fit(JOB, FRAMES, Resources(1), tmp_path / "fits" / "a.safetensors", heard)
    assert fitted.files == alone.files
    assert heard.steps == [4, 8, 12, 16, 20]
    assert [file.name for file in (tmp_path / "fits").iterdir()] == ["a.safetensors"]


def test_a_fit_whose_worker_dies_goes_on_from_its_checkpoint_to_the_same_bytes(alone: Fitted, tmp_path: Path) -> None:
    heard = Heard(12)
    fitted = run_fit(JOB, FRAMES, Resources(1), tmp_path / "a.safetensors", heard)
    assert fitted.files == alone.files
    assert [row.step for row in fitted.rows] == [4, 8, 12, 16, 20]
    (line,) = heard.losses
    assert line.startswith("the fit of spire was lost: ")
    assert line.endswith("; attempt 2 of 3 continues from its checkpoint")
    again = heard.steps[heard.steps.index(12) + 1 :]
    assert min(again) > 8, "it began again"


def test_a_fit_that_is_lost_again_and_again_is_an_error(tmp_path: Path) -> None:
    heard = Heard(4, 8, 12)
    with pytest.raises(ComputeError, match="the fit of spire was lost: ") as fault:
        run_fit(JOB, FRAMES, Resources(1), tmp_path / "a.safetensors", heard)
    assert "\n" not in str(fault.value)
    assert [f"; attempt {turn} of 3 " in line for turn, line in enumerate(heard.losses, 2)] == [True, True]


def test_a_fit_goes_on_from_what_an_earlier_run_left(tmp_path: Path) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    def stop(row: CurveRow) -> None:
        if row.step == 12:
            raise Stop

    path, heard = tmp_path / "a.safetensors", Heard()
    with pytest.raises(Stop):
        run_job(replace(JOB, checkpoint=FileShelf(path)), FRAMES, stop)
    run_fit(JOB, FRAMES, Resources(1), path, heard)
    assert heard.steps == [12, 16, 20]


def test_its_own_fault_comes_back_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"no checkpoint")
    with pytest.raises(TrainingError, match=r"^a.safetensors: no checkpoint of a fit that can be read; remove it"):
        run_fit(JOB, FRAMES, Resources(1), path, Heard())
