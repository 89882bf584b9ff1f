"""The bundle that is shipped inside the package, and what names it.

`irstd/pretrained` holds it and its card: `irstd models show BUNDLE --out irstd/pretrained/card.md` writes the card.
"""

from pathlib import Path

from irstd.errors import ModelError
from irstd.models.record import RECORD

PRETRAINED = "pretrained"
"""The name of the shipped bundle; a folder of that name is ./pretrained."""
CARD = "card.md"
FOLDER = Path(__file__).parents[1] / PRETRAINED


def has_pretrained() -> bool:
    """Tell whether this installation has a shipped bundle."""
    return (FOLDER / RECORD).is_file()


def find_bundle(model: str | Path) -> Path:
    """Return the folder of a bundle: the shipped one's for `pretrained`, else the folder that is given.

    Raises:
        ModelError: `pretrained` is asked for, and this installation has none.
    """
    if model != PRETRAINED:
        return Path(model)
    if not has_pretrained():
        raise ModelError("pretrained: this installation of irstd has no shipped bundle; give a bundle's folder instead")
    return FOLDER
