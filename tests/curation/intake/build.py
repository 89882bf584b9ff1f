"""Sets of new frames as somebody may put them into an inbox."""

from pathlib import Path

import numpy as np

from irstd.files import make_folder
from irstd.frames import read_image, write_png
from tests.curation.audit.build import SIZE, picture
from tests.datasets.build import block_mask


def new_set(folder: Path, *seeds: int, masks: bool = True) -> Path:
    """A set in the layout `plain` without lists: frames f0, f1, … of these seeds, each with a 3×3 target."""
    make_folder(folder / "images")
    rows = ["frame,x,y"]
    for index, seed in enumerate(seeds):
        mask = block_mask((20, 18, 3), size=SIZE)
        frame = picture(seed)
        frame[mask] = 200
        write_png(folder / "images" / f"f{index}.png", frame)
        if masks:
            make_folder(folder / "masks")
            write_png(folder / "masks" / f"f{index}.png", np.where(mask, np.uint8(255), np.uint8(0)))
        rows.append(f"f{index},21,19")
    if not masks:
        (folder / "points.csv").write_text("\n".join(rows) + "\n")
    return folder


def nearly(source: Path, folder: Path, name: str) -> None:
    """The frame in `source`, a little brighter here and there, as the frame `name` of a set."""
    frame = np.asarray(read_image(source), dtype=np.uint8)
    write_png(folder / "images" / f"{name}.png", frame + (picture(9) > 80))
