"""The layout of the toolbox BasicIRSTD, used by copies of NUDT-SIRST, NUAA-SIRST, IRSTD-1K and others.

images/NAME.png, masks/NAME.png, img_idx/{train,test}_DATASET.txt.
"""

from pathlib import Path

from irstd.curation.importers.folders import MaskedFrames, line_names
from irstd.curation.importers.layout import Layout, Published, lacks_folder
from irstd.curation.importers.lists import choose_lists, read_lists, train_lists
from irstd.curation.importers.origins import origin_of


def _lacks(folder: Path) -> str | None:
    missing = lacks_folder(folder, "images", "masks", "img_idx")
    if missing is None and not train_lists([folder / "img_idx"]):
        return "no img_idx/train_*.txt"
    return missing


def _open(folder: Path, wanted: str | None) -> Published:
    lists = choose_lists(folder, train_lists([folder / "img_idx"]), wanted)
    files = MaskedFrames.open(folder / "images", folder / "masks")
    name = folder.resolve().name if lists.name == "img_idx" else lists.name  # train.txt names no dataset
    return files.published(origin_of(name, "basicirstd"), read_lists(lists, line_names(files.frames)))


BASIC_IRSTD = Layout(signs="images/, masks/ and img_idx/{train,test}_*.txt", lacks=_lacks, open=_open)
