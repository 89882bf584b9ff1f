"""Places of the results of a detection run."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from irstd.errors import DataError

TABLE = "detections.csv"
OVERLAYS = "overlays"


def are_results(folder: Path, out: Path | None) -> bool:
    """Tell whether `folder` holds the pictures of a detection run: the one into `out`, or any finished one."""
    finished = folder.name == OVERLAYS and (folder.parent / TABLE).is_file()
    return finished or (out is not None and os.path.realpath(folder) == os.path.realpath(out / OVERLAYS))


def picture_paths(frames: Sequence[tuple[str, Path]], out: Path) -> dict[str, Path]:
    """Return the place of each frame's picture by its name.

    Args:
        frames: names and places of files; the pictures of pages go into a folder of their file's name.
        out: folder of the results.

    Raises:
        DataError: a picture would overwrite a frame.
    """
    names = overlay_names([name for name, _ in frames])
    pictures = {name: out / OVERLAYS / picture for name, picture in names.items()}
    sources = {os.path.realpath(path): path for _, path in frames}
    for picture in pictures.values():
        source = sources.get(os.path.realpath(picture))
        if source is not None:
            raise DataError(f"{source}: a picture of the results would overwrite it; choose another folder for them")
    return pictures


def overlay_names(names: list[str]) -> dict[str, str]:
    """Name each frame's picture, relative to the folder of pictures: the frame's name, `.png` behind any other suffix.

    a.png and a.tif become a.png and a.tif.png. If that is another frame's name or picture, or a folder of frames,
    another `.png` follows.
    """
    frames, folders = set(names), {str(folder) for name in names for folder in PurePosixPath(name).parents}
    pictures = dict[str, str]()
    taken = set(folders)
    for name in names:
        picture = name if name.lower().endswith(".png") else f"{name}.png"
        while picture in taken or (picture in frames and picture != name):
            picture = f"{picture}.png"
        pictures[name] = picture
        taken.add(picture)
    return pictures
