"""The layout of open-sirst-v2, which holds SIRST-V1 (NUAA-SIRST) and SIRST-V2.

mixed/NAME.png, annotations/masks/NAME_pixels0.png, splits/{train,val,test}_v1.txt for V1, …_full.txt for V2.
"""

from pathlib import Path

from irstd.curation.importers.folders import MaskedFrames, line_names
from irstd.curation.importers.layout import Layout, Published, lacks_folder
from irstd.curation.importers.lists import choose_lists, read_lists, train_lists
from irstd.curation.importers.origins import SIRST_V1, SIRST_V2


def _lacks(folder: Path) -> str | None:
    missing = lacks_folder(folder, "mixed", "annotations/masks", "splits")
    if missing is None and not train_lists([folder / "splits"]):
        return "no splits/train_*.txt"
    return missing


def _open(folder: Path, wanted: str | None) -> Published:
    lists = choose_lists(folder, train_lists([folder / "splits"]), wanted)
    files = MaskedFrames.open(folder / "mixed", folder / "annotations" / "masks")
    origin = SIRST_V1 if lists.name == "v1" else SIRST_V2
    return files.published(origin, read_lists(lists, line_names(files.frames)))


OPEN_SIRST = Layout(signs="mixed/, annotations/masks/ and splits/{train,val,test}_*.txt", lacks=_lacks, open=_open)
