"""Places of the results of a detection run."""

import os
from pathlib import Path

TABLE = "detections.csv"
OVERLAYS = "overlays"


def are_results(folder: Path, out: Path | None) -> bool:
    """Tell whether `folder` holds the pictures of a detection run: the one into `out`, or any finished one."""
    finished = folder.name == OVERLAYS and (folder.parent / TABLE).is_file()
    return finished or (out is not None and os.path.realpath(folder) == os.path.realpath(out / OVERLAYS))


def overlay_names(names: list[str]) -> dict[str, str]:
    """Name each frame's picture, relative to the folder of pictures: the frame's name, `.png` behind any other suffix.

    a.png and a.tif become a.png and a.tif.png; if a frame has that name too, another `.png` follows.
    """
    frames = set(names)
    pictures = {}
    for name in names:
        picture = name
        if not name.lower().endswith(".png"):
            picture = f"{name}.png"
            while picture in frames:
                picture = f"{picture}.png"
        pictures[name] = picture
    return pictures
