"""Lists of splits: text files with one frame a line."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from irstd.curation.importers.frame_names import find_frame
from irstd.datasets.canonical import SPLITS
from irstd.errors import DataError, lookup, shortened
from irstd.files.reading import read_lines

_FILE = re.compile(r"(trainval|train|val|test)(?:_(.+))?")


class SeveralListsError(DataError):
    """One of several sets of lists must be chosen.

    Attributes:
        names: their names.
    """

    def __init__(self, source: Path, names: Iterable[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"{source}: holds the lists of {', '.join(self.names)}; choose one of them (--lists NAME)")


@dataclass(frozen=True)
class Lists:
    """The lists that belong together: train_NAME.txt, test_NAME.txt, …, or NAME/train.txt, NAME/test.txt, ….

    Attributes:
        name: name of the set within its dataset.
        paths: the existing lists by train, val, test and trainval.
    """

    name: str
    paths: Mapping[str, Path]

    @property
    def train(self) -> Path | None:
        """The train list, else the trainval list."""
        return self.paths.get("train", self.paths.get("trainval"))


def find_lists(folders: Iterable[Path]) -> Mapping[str, Lists]:
    """Find the sets of lists in `folders`, sorted by name: the text after `train_`, else the folder's name."""
    found: dict[tuple[Path, str], dict[str, Path]] = {}
    for folder in folders:
        for path in sorted(folder.glob("[!.]*.txt")):
            match = _FILE.fullmatch(path.stem)
            if match:
                found.setdefault((folder, match[2] or folder.resolve().name), {})[match[1]] = path
    labels = [label for _, label in found]
    sets = {}
    for (folder, label), paths in found.items():
        name = label if labels.count(label) == 1 else f"{folder.name}/{label}"
        sets[name] = Lists(name, paths)
    return dict(sorted(sets.items()))


def train_lists(folders: Iterable[Path]) -> Mapping[str, Lists]:
    """Find the sets with a train or trainval list."""
    return {name: lists for name, lists in find_lists(folders).items() if lists.train is not None}


def choose_lists(source: Path, found: Mapping[str, Lists], wanted: str | None) -> Lists:
    """Return the set called `wanted`, or the only one.

    Raises:
        DataError: there is none.
        SeveralListsError: there are several and `wanted` is None.
        UnknownNameError: no set of that name.
    """
    if not found:
        raise DataError(f"{source}: has no lists of splits to choose from; omit --lists")
    if wanted is not None:
        return lookup(found, wanted, "set of lists")
    if len(found) > 1:
        raise SeveralListsError(source, found)
    return next(iter(found.values()))


def read_lists(lists: Lists, known: Mapping[str, str], *, with_test: bool = True) -> Mapping[str, tuple[str, ...]]:
    """Read the splits of `lists`, each with its frames in the file's order.

    Without a train list, train is trainval without val; without a val list, val is trainval without train.

    Args:
        lists: one set of lists.
        known: the frame that each line means.
        with_test: require a test list.

    Raises:
        DataError: no test list, an empty list, a line that means no frame, or a frame listed twice.
    """
    if with_test and "test" not in lists.paths:
        raise DataError(f"{lists.train}: has no test list beside it; the download is incomplete, fetch it again")
    splits = {role: _read(lists.paths[role], known) for role in SPLITS if role in lists.paths}
    if "trainval" in lists.paths and not {"train", "val"} <= set(splits):
        other = splits.get("train", splits.get("val", ()))
        rest = tuple(name for name in _read(lists.paths["trainval"], known) if name not in set(other))
        missing = "val" if "train" in splits else "train"
        splits |= {missing: rest} if rest else {}
    _check_apart(lists, splits)
    return splits


def _read(path: Path, known: Mapping[str, str]) -> tuple[str, ...]:
    lines = read_lines(path)
    if not lines:
        raise DataError(f"{path}: is empty; it needs at least one frame name a line")
    meant = [_meant(path, line, known) for line in lines]
    absent = [line for line, name in zip(lines, meant, strict=True) if name is None]
    if absent:
        example = shortened(next(iter(known), ""), 40)
        raise DataError(
            f"{path}: frame '{shortened(absent[0], 40)}' is not there ({len(absent)} of {len(lines)} are not); "
            f"a line names a frame, such as '{example}': add the frames or correct the list"
        )
    names = [name for name in meant if name is not None]
    twice = next((name for name, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        raise DataError(f"{path}: frame '{twice}' is listed twice; remove one of the lines")
    return tuple(names)


def _meant(path: Path, line: str, known: Mapping[str, str]) -> str | None:
    """Return the frame that a line means, with or without folders and suffix, alone or beside its mask or a label."""
    whole = find_frame(line, known)
    columns = [whole] if whole else [find_frame(field, known) for field in re.split(r"[\s,;]+", line)]
    frames = sorted({frame for frame in columns if frame is not None})
    if len(frames) > 1:
        raise DataError(
            f"{path}: '{shortened(line)}' names the frames {shortened(' and '.join(frames))}; write one a line"
        )
    return columns[0]


def _check_apart(lists: Lists, splits: Mapping[str, tuple[str, ...]]) -> None:
    owner: dict[str, str] = {}
    for role, names in splits.items():
        for name in names:
            if name in owner:
                path = lists.paths.get(role, lists.train)
                raise DataError(f"{path}: frame '{name}' is in {owner[name]} already; a frame has one split")
            owner[name] = role
