"""The layout of IRSTD-1k as published.

IRSTD1k_Img/XDU0.png, IRSTD1k_Label/XDU0.png. The authors' repository has trainval.txt and test.txt apart from the
images; copies of the dataset have them beside the two folders or in a third one. Without lists all splits are carved.
Some masks are soft: any nonzero pixel is target.
"""

from collections.abc import Mapping
from pathlib import Path

from irstd.curation.importers.folders import MaskedFrames, line_names
from irstd.curation.importers.layout import Layout, Published, lacks_folder
from irstd.curation.importers.lists import Lists, choose_lists, read_lists, train_lists
from irstd.curation.importers.origins import IRSTD_1K

_IMAGES, _MASKS = "IRSTD1k_Img", "IRSTD1k_Label"


def _lacks(folder: Path) -> str | None:
    return lacks_folder(folder, _IMAGES, _MASKS)


def _open(folder: Path, wanted: str | None) -> Published:
    found = _lists(folder)
    files = MaskedFrames.open(folder / _IMAGES, folder / _MASKS)
    if not found and wanted is None:
        return files.published(IRSTD_1K, {})
    return files.published(IRSTD_1K, read_lists(choose_lists(folder, found, wanted), line_names(files.frames)))


def _lists(folder: Path) -> Mapping[str, Lists]:
    inside = sorted(path for path in folder.glob("[!.]*") if path.is_dir() and path.name not in (_IMAGES, _MASKS))
    return train_lists([folder, *inside])


IRSTD_1K_LAYOUT = Layout(
    signs=f"{_IMAGES}/ and {_MASKS}/, with or without {{trainval,test}}.txt", lacks=_lacks, open=_open
)
