"""The layout of DNANet, used by its authors for NUDT-SIRST and NUAA-SIRST.

images/NAME.png, masks/NAME.png, METHOD/{train,test}.txt, where METHOD is the split, such as 50_50. The lists may also
lie beside images/, and train.txt may be called trainval.txt.
"""

from collections.abc import Mapping
from pathlib import Path

from irstd.curation.importers.folders import MaskedFrames, line_names
from irstd.curation.importers.layout import Layout, Published, lacks_folder
from irstd.curation.importers.lists import Lists, choose_lists, read_lists, train_lists
from irstd.curation.importers.origins import origin_of

_OTHERS = ("images", "masks", "img_idx", "splits", "annotations")  # folders of other layouts' lists


def _lacks(folder: Path) -> str | None:
    missing = lacks_folder(folder, "images", "masks")
    if missing is None and not _lists(folder):
        return "no train.txt with test.txt, in a folder such as 50_50/"
    return missing


def _open(folder: Path, wanted: str | None) -> Published:
    lists = choose_lists(folder, _lists(folder), wanted)
    files = MaskedFrames.open(folder / "images", folder / "masks")
    return files.published(origin_of(folder.resolve().name, "dnanet"), read_lists(lists, line_names(files.frames)))


def _lists(folder: Path) -> Mapping[str, Lists]:
    inside = sorted(path for path in folder.glob("[!.]*") if path.is_dir() and path.name not in _OTHERS)
    return train_lists([folder, *inside])


DNANET = Layout(signs="images/, masks/ and METHOD/{train,test}.txt, such as 50_50/", lacks=_lacks, open=_open)
