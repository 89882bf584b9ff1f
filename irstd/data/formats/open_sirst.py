"""The layout of SIRST-V1 (NUAA-SIRST) in open-sirst.

mixed/NAME.png, annotations/masks/NAME_pixels0.png, splits/{train,val,test}_v1.txt; points are the masks' centroids.
"""

from pathlib import Path

from irstd.data.canonical import SPLITS
from irstd.data.files import read_lines
from irstd.data.formats.layout import Layout, Published
from irstd.data.sample import Sample
from irstd.errors import DataError
from irstd.frames import read_image, read_mask
from irstd.labels.points import points_from_mask


def _recognises(folder: Path) -> bool:
    lists = (folder / "splits" / f"{split}_v1.txt" for split in SPLITS)
    return (
        (folder / "mixed").is_dir() and (folder / "annotations" / "masks").is_dir() and all(p.is_file() for p in lists)
    )


def _open(folder: Path) -> Published:
    return Published(
        source="SIRST-V1 (NUAA-SIRST), github YimianDai/open-sirst-v2",
        citation=(
            "Dai et al., Asymmetric Contextual Modulation for Infrared Small Target Detection, WACV 2021; "
            "Dai et al., One-Stage Cascade Refinement Networks for Infrared Small Target Detection, TGRS 2023"
        ),
        licence="none stated by the authors; ask them before any use but research",
        splits={split: _listed(folder, split) for split in SPLITS},
        sample=lambda name: _sample(folder, name),
        with_points=False,
    )


def _listed(folder: Path, split: str) -> tuple[str, ...]:
    path = folder / "splits" / f"{split}_v1.txt"
    names = tuple(read_lines(path))
    for name in names:
        if not (folder / "mixed" / f"{name}.png").is_file():
            raise DataError(f"{path}: frame '{name}' is not in mixed; the download is incomplete, fetch it again")
    return names


def _sample(folder: Path, name: str) -> Sample:
    mask = read_mask(folder / "annotations" / "masks" / f"{name}_pixels0.png")
    return Sample(
        name=name, frame=read_image(folder / "mixed" / f"{name}.png"), points=points_from_mask(mask), mask=mask
    )


OPEN_SIRST = Layout(
    signs="mixed/, annotations/masks/ and splits/{train,val,test}_v1.txt", recognises=_recognises, open=_open
)
