from pathlib import Path

import pytest
import torch

from irstd.errors import DataError, TrainingError
from irstd.training.checkpoint import Best, FileShelf, Progress, read, write
from irstd.training.curve import CurveRow

ORIGIN = {"seed": 1, "scale": (1.0, 1.5), "frames": "abc"}


def progress(step: int = 3) -> Progress:
    return Progress(
        step=step,
        rows=(CurveRow(2, 0.1 + 0.2, 1e-3), CurveRow(3, 1 / 3, 5e-4, {"hse": 1.5, "pd": None})),
        best=Best(step=3, score=1.5, weights={"a.weight": torch.arange(3.0)}),
        state={"model/a.weight": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)},
        scaler={"scale": 1024.0, "_growth_tracker": 3},
    )


def stored(path: Path) -> Progress:
    found = read(FileShelf(path), ORIGIN)
    assert found is not None
    return found


def test_what_was_written_is_read(tmp_path: Path) -> None:
    whole = progress()
    write(FileShelf(tmp_path / "fit.safetensors"), whole, ORIGIN)
    found = stored(tmp_path / "fit.safetensors")
    assert (found.step, found.rows, found.scaler) == (whole.step, whole.rows, whole.scaler)
    assert found.best is not None
    assert (found.best.step, found.best.score) == (3, 1.5)
    assert torch.equal(found.best.weights["a.weight"], torch.arange(3.0))
    assert list(found.state) == ["model/a.weight"]
    assert torch.equal(found.state["model/a.weight"], whole.state["model/a.weight"])


def test_the_best_score_of_an_older_checkpoint_is_called_hse(tmp_path: Path) -> None:
    path = tmp_path / "fit.safetensors"
    write(FileShelf(path), progress(), ORIGIN)
    content = path.read_bytes()
    old = content.replace(b'\\"score\\": 1.5', b'\\"hse\\":   1.5')
    assert old != content
    path.write_bytes(old)
    best = stored(path).best
    assert best is not None
    assert best.score == 1.5


def test_same_progress_gives_same_bytes(tmp_path: Path) -> None:
    whole = progress()
    for name in ("a", "b"):
        write(FileShelf(tmp_path / name), whole, ORIGIN)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_checkpoint_of_another_fit_is_refused(tmp_path: Path) -> None:
    write(FileShelf(tmp_path / "fit"), progress(), ORIGIN)
    with pytest.raises(TrainingError, match=r"a checkpoint of another fit: seed 1 \(now 2\), frames abc \(now xyz\); "):
        read(FileShelf(tmp_path / "fit"), {**ORIGIN, "seed": 2, "frames": "xyz"})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no tensors at all", b"\x02\0\0\0\0\0\0\0{}"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fit").write_bytes(content)
    with pytest.raises(TrainingError, match=r"fit: no checkpoint of a fit that can be read; remove it"):
        read(FileShelf(tmp_path / "fit"), ORIGIN)


def test_an_interrupted_write_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "fit"
    write(FileShelf(path), progress(3), ORIGIN)

    def full_disk(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(DataError, match=r"fit: cannot be written \(No space left on device\)"):
        write(FileShelf(path), progress(4), ORIGIN)
    assert stored(path).step == 3
    assert [file.name for file in tmp_path.iterdir()] == ["fit"]
