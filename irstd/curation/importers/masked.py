"""The layouts with frames and masks in two folders, and lists of splits.

    open-sirst   mixed/NAME.png, annotations/masks/NAME_pixels0.png, splits/{train,val,test}_{v1,full}.txt
    basicirstd   images/NAME.png, masks/NAME.png, img_idx/{train,test}_DATASET.txt
    dnanet       images/NAME.png, masks/NAME.png, METHOD/{train,test}.txt, where METHOD is the split, such as 50_50
    irstd-1k     IRSTD1k_Img/NAME.png, IRSTD1k_Label/NAME.png

The lists of dnanet may also lie beside images/. Those of irstd-1k, trainval.txt and test.txt, are published apart from
the images; copies of the dataset have them beside the two folders or in a third one. Without them all splits are
carved.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from irstd.curation.importers.folders import MaskedFrames
from irstd.curation.importers.layout import Layout, Published, lacks_folder
from irstd.curation.importers.lists import Lists, choose_lists, read_lists, train_lists
from irstd.curation.importers.origins import IRSTD_1K, SIRST_V1, SIRST_V2, Origin, origin_of

_OTHER_LISTS = ("img_idx", "splits", "annotations")  # folders of other layouts' lists

OriginOf = Callable[[Path, str], Origin]
"""Returns the origin of a dataset from its folder and the name of its set of lists, empty without lists."""


def masked_layout(
    images: str, masks: str, lists: str | None, *, origin: OriginOf, missing: str | None = None
) -> Layout:
    """Return the layout with these folders.

    Args:
        images: folder of the frames.
        masks: folder of the masks.
        lists: folder of the lists; None: the dataset's folder itself and any folder in it.
        origin: finds the dataset's origin.
        missing: what a folder without lists lacks, for messages; None: such a folder has the layout too.
    """
    folders = [images, masks, *([lists] if lists else [])]
    ignored = (*folders, *_OTHER_LISTS) if missing else folders

    def find(folder: Path) -> Mapping[str, Lists]:
        inside = sorted(p for p in folder.glob("[!.]*") if p.is_dir() and p.name not in ignored)
        return train_lists([folder / lists] if lists else [folder, *inside])

    def lacks(folder: Path) -> str | None:
        return lacks_folder(folder, *folders) or (missing if not find(folder) else None)

    def open_dataset(folder: Path, wanted: str | None) -> Published:
        files, found = MaskedFrames.open(folder / images, folder / masks), find(folder)
        if not found and wanted is None:
            return files.published(origin(folder, ""), {})
        chosen = choose_lists(folder, found, wanted)
        return files.published(origin(folder, chosen.name), read_lists(chosen, {name: name for name in files.frames}))

    needed = f" and lists of splits ({missing.removeprefix('no ')})" if missing else ", with or without lists of splits"
    return Layout(signs=f"{images}/, {masks}/{needed}", lacks=lacks, open=open_dataset)


def _basic_irstd(folder: Path, lists: str) -> Origin:
    return origin_of(folder.resolve().name if lists == "img_idx" else lists, "basicirstd")  # train.txt names no dataset


MASKED: Mapping[str, Layout] = {
    "open-sirst": masked_layout(
        "mixed",
        "annotations/masks",
        "splits",
        origin=lambda _, lists: SIRST_V1 if lists == "v1" else SIRST_V2,
        missing="no splits/train_*.txt",
    ),
    "basicirstd": masked_layout("images", "masks", "img_idx", origin=_basic_irstd, missing="no img_idx/train_*.txt"),
    "dnanet": masked_layout(
        "images",
        "masks",
        None,
        origin=lambda folder, _: origin_of(folder.resolve().name, "dnanet"),
        missing="no 50_50/train.txt",
    ),
    "irstd-1k": masked_layout("IRSTD1k_Img", "IRSTD1k_Label", None, origin=lambda *_: IRSTD_1K),
}
