"""Where the results of a run of detection lie."""

import os
from pathlib import Path

TABLE = "detections.csv"
OVERLAYS = "overlays"


def are_results(folder: Path, out: Path | None) -> bool:
    """Whether `folder` holds the pictures of a run of detection: of the one into `out`, or of any finished one."""
    finished = folder.name == OVERLAYS and (folder.parent / TABLE).is_file()
    return finished or (out is not None and os.path.realpath(folder) == os.path.realpath(out / OVERLAYS))


def overlay_names(names: list[str]) -> dict[str, str]:
    """Each frame's picture, relative to the folder of pictures: the frame's own name, `.png` behind any other suffix.

    So a.png and a.tif become a.png and a.tif.png; where a frame is called a.tif.png as well, another `.png` follows.
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
