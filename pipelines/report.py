"""Write the report of all variants; the same scores give the same bytes: `report`."""

from functools import partial

from irstd.settings.load import load_settings
from pipelines.door.command import Work, command


@command
def main() -> Work:
    """Write the table and the plots of all variants; DVC's stage `report`."""
    settings = load_settings()
    from pipelines.report import report

    return partial(report, settings)


from pathlib import Path

import pandas as pd

from irstd.evaluation.score_card import read_card
from irstd.files.json_files import read_json
from irstd.project.paths import Layout
from irstd.report.results import Result
from irstd.report.writing import write_report
from irstd.settings.project import Settings
from pipelines.door.console import say
from pipelines.door.flows import stage


@stage(name="report")
def report(settings: Settings) -> None:
    """Write reports/DATASET: report.html, report.md, table and pictures."""
    where = Layout(settings.dataset)
    curves = {variant: pd.read_csv(where.curve(variant)) for variant in settings.variants}
    results = [_result(where.scores(name), curves.get(name)) for name in (*settings.variants, *settings.references)]
    write_report(results, where.report, settings.dataset, settings.budget.figure)
    say(f"report: {where.report / 'report.html'}")


def _result(folder: Path, curve: pd.DataFrame | None) -> Result:
    overlays = sorted((folder / "overlays").glob("*.png"))
    return Result(read_card(folder), read_json(folder / "surface.json"), curve, overlays)
