"""The frame that a file or a row of predictions is for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from irstd.curation.importers.frame_names import find_frame
from irstd.errors import ScoreError, shortened


@dataclass(frozen=True)
class Matched:
    """Predictions by the frame they are for.

    Attributes:
        given: name of the prediction by that of its frame.
        beyond: number of predictions for frames outside the split.
    """

    given: Mapping[str, str]
    beyond: int


def match_names(where: str, given: Iterable[str], wanted: Collection[str], beyond: Collection[str]) -> Matched:
    """Match predictions with frames; frames without one are left out.

    A name means its frame with or without the suffix of a file, the mark of masks and folders before it.

    Args:
        where: start of the messages.
        given: names of files or of rows.
        wanted: names of the frames to be scored.
        beyond: names of frames that are known but not scored.

    Raises:
        ScoreError: a prediction is for no frame, or two are for one.
    """
    known, found, strange = {name: name for name in (*wanted, *beyond)}, dict[str, str](), list[str]()
    for each in given:
        frame = find_frame(each, known)
        if frame is None:
            strange.append(each)
        elif frame in found:
            raise ScoreError(f"{where}: '{found[frame]}' and '{each}' are both for frame '{frame}'; keep one of them")
        else:
            found[frame] = each
    if strange:
        raise ScoreError(
            f"{where}: '{shortened(strange[0])}' is for no frame of the truth ({_share(strange, found)}); {_MEND}"
        )
    mine = {frame: each for frame, each in found.items() if frame in wanted}
    if found and not mine:
        raise ScoreError(f"{where}: none of its frames lies in the split; choose another (--split)")
    return Matched(given=mine, beyond=len(found) - len(mine))


_MEND = "predictions and masks match by name without suffix: remove or rename"


def _share(strange: list[str], found: Mapping[str, str]) -> str:
    return f"{len(strange)} of {len(strange) + len(found)}"
