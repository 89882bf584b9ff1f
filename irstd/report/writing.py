"""The report's folder, replaced as a whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from irstd.errors import DataError
from irstd.files import write_folder
from irstd.report.contents import Picture, Section, notes, sections
from irstd.report.pages import HTML, MARKDOWN, Content, page
from irstd.report.results import Result, ranked
from irstd.report.table import report_table
from irstd.report.verdict import verdict

PAGE = "report.html"
_OVERLAY_LEAD = (
    "The test frames with most misses and false alarms at the operating threshold, the worst first; beside each, what "
    "is wrong in it, enlarged."
)

if TYPE_CHECKING:
    from irstd.settings.gate import Budget  # a type alone: which values it allows decides no byte


def write_report(given: Sequence[Result], folder: Path, title: str, budget: "Budget") -> None:
    """Write report.html (which needs no other file), report.md, table.csv and the pictures to `folder`.

    The same input gives the same bytes; they hold no time, path or speed.

    Args:
        given: the variants and references, in any order.
        folder: made, or replaced where it is a report already.
        title: the dataset's name.
        budget: the highest cost of a champion, and the figure that decides, by which rows are sorted.

    Raises:
        ScoreError: there is no variant, or they were scored on different frames.
        DataError: an overlay cannot be read, or the folder cannot be written or is no report.
    """
    _check_folder(folder)
    by_name, decides = {each.name: each for each in given}, budget.figure
    results = [by_name[card.variant] for card in ranked((each.card for each in given), decides)]
    found = [
        Section(f"Where {each.name} is worst", _overlays(each), _OVERLAY_LEAD) for each in results if each.overlays
    ]
    table = report_table([each.card for each in results], decides)
    shown = [*sections(results, budget), *found]
    said = verdict(results, budget, title)
    content = Content(f"Detectors on {title}", said, table, shown, notes(results, decides))
    files = {each.file: each.content for section in shown for each in section.pictures}
    files["table.csv"] = table.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
    files |= {"report.md": page(MARKDOWN, content), PAGE: page(HTML, content)}
    write_folder(folder, files)


def _overlays(result: Result) -> list[Picture]:
    pictures = []
    for place, overlay in enumerate(result.overlays, start=1):
        path = overlay.path
        try:
            content = path.read_bytes()
        except OSError as fault:
            raise DataError(f"{path}: cannot be read ({fault.strerror}); evaluate {result.name} again") from fault
        caption = f"{place}. {path.stem}{f': {overlay.wrong}' if overlay.wrong else ''}"
        pictures.append(Picture(f"overlays/{result.name}/{path.name}", content, caption))
    return pictures


def _check_folder(folder: Path) -> None:
    if folder.exists() and not (folder / PAGE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: is no report (no {PAGE}), so it is not replaced; remove it yourself")
