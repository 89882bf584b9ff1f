"""Several fits of one variant, named by a pattern such as 'scores/plain-*'."""

from pathlib import Path

from irstd.comparison.stored import COUNTS_FILE
from irstd.errors import DataError


def is_pattern(path: Path) -> bool:
    """Tell whether a path names several fits; one that exists does not."""
    return "*" in f"{path}" and not path.exists()


def short_pattern(path: Path) -> str:
    """Return the end of a pattern, by which tables call it: `plain-*`, `plain/*`."""
    parts = [part for part in path.parts if part != COUNTS_FILE]
    return "/".join(parts[-2:]) if parts[-1] == "*" else parts[-1]


def find_fits(path: Path) -> dict[str, Path]:
    """Return the places of stored counts by what * stands for, sorted; of a path without * itself, under no name.

    Raises:
        DataError: the pattern has more than one *, or no stored counts match it.
    """
    if not is_pattern(path):
        return {"": path}
    before, *after = f"{path}".split("*")
    if len(after) != 1:
        raise DataError(f"{path}: holds {len(after)} *; fits are told apart by what one * stands for")
    found = {
        f"{match}".removeprefix(before).removesuffix(after[0]): match
        for match in sorted(Path(path.anchor).glob(f"{path.relative_to(path.anchor)}"))
        if match.suffix == ".parquet" or (match / COUNTS_FILE).is_file()
    }
    if not found:
        raise DataError(f"{path}: no evaluation with a {COUNTS_FILE} matches; give a pattern of folders, in quotes")
    return found
