"""Ways to break a sound dataset, which `faults` names."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from irstd.files import write_text
from irstd.frames import read_image, write_png
from tests.curation.audit.build import SIZE, picture
from tests.datasets.build import block_mask


def lists(**splits: str) -> Callable[[Path], object]:
    def make(folder: Path) -> None:
        for split, names in splits.items():
            (folder / f"splits/{split}.txt").write_text("".join(f"{name}\n" for name in names.split()))

    return make


def mask(name: str, *blocks: tuple[int, int, int], size: tuple[int, int] = SIZE) -> Callable[[Path], object]:
    levels = np.where(block_mask(*blocks, size=size), np.uint8(255), np.uint8(0))
    return lambda folder: write_png(folder / f"masks/{name}.png", levels)


def more_points(*rows: str) -> Callable[[Path], object]:
    def make(folder: Path) -> None:
        path = folder / "points.csv"
        path.write_text(path.read_text() + "".join(f"{row}\n" for row in rows))

    return make


def without_val(folder: Path) -> None:
    """No list of val; its frame goes to test."""
    (folder / "splits/val.txt").unlink()
    lists(test="c d e")(folder)


def coordinates_outside(folder: Path) -> None:
    """Points of `c` off the left and the right end of its frame, on targets at its edges."""
    more_points("c,47.6,10", "c,-0.6,10")(folder)
    mask("c", (46, 9, 2), (0, 9, 2), (20, 18, 3))(folder)


def soft(folder: Path) -> None:
    levels = np.zeros(SIZE, dtype=np.uint8)
    levels[18:21, 20:23] = 255
    levels[21, 20] = 90
    write_png(folder / "masks/c.png", levels)


def soft_once(folder: Path) -> None:
    """A mask of two levels that was made of more when it was imported."""
    write_text(folder / "dataset.json", '{"soft_masks": ["c"]}')


def coloured(folder: Path) -> None:
    """Three frames in three channels, equal in the first only."""
    for name, gap in (("c", 0), ("d", 7), ("e", 3)):
        frame = np.repeat(np.asarray(read_image(folder / f"images/{name}.png"), dtype=np.uint8)[..., None], 3, axis=2)
        frame[5, 6, 2] = frame[5, 6, 0] + gap
        write_png(folder / f"images/{name}.png", frame)


def copied(folder: Path) -> None:
    """`e` of test becomes `b` of train in three channels."""
    frame = np.asarray(read_image(folder / "images/b.png"), dtype=np.uint8)
    write_png(folder / "images/e.png", np.repeat(frame[..., None], 3, axis=2))


def nearly(folder: Path) -> None:
    """`e` of test becomes `b` of train, a little brighter here and there."""
    frame = np.asarray(read_image(folder / "images/b.png"), dtype=np.uint8)
    write_png(folder / "images/e.png", frame + (picture(9) > 80))
