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


from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from irstd.evaluation.score_card import ScoreCard, read_card
from irstd.files.json_files import read_json
from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.report.contents import RELIABILITY
from irstd.report.results import Result
from irstd.report.writing import write_report
from irstd.settings.project import Settings
from irstd.tracking.lineage import dataset_ref, open_variant_run
from irstd.tracking.store import open_store
from pipelines.door.console import say
from pipelines.door.flows import stage


@stage(name="report")
def report(settings: Settings) -> None:
    """Write reports/DATASET: report.html, report.md, table and pictures; reliability also to MLflow."""
    where = Layout(settings.dataset)
    curves = {variant: pd.read_csv(where.curve(variant)) for variant in settings.variants}
    results = [_result(where.scores(name), curves.get(name)) for name in (*settings.variants, *settings.references)]
    write_report(results, where.report, settings.dataset, settings.budget.figure)
    _track(where, [each.card for each in results])
    say(f"report: {where.report / 'report.html'}")


def _track(where: Layout, cards: Sequence[ScoreCard]) -> None:
    """Put the picture of reliability, which shows all variants, into the MLflow run of each."""
    picture = where.report / RELIABILITY
    if not picture.is_file():
        return
    store, dataset = open_store(find_root()), dataset_ref(where)
    for card in cards:
        run = open_variant_run(store, dataset, card.variant, card.detector)
        run.file(picture, "evaluation")
        run.end()


def _result(folder: Path, curve: pd.DataFrame | None) -> Result:
    overlays = sorted((folder / "overlays").glob("*.png"))
    return Result(read_card(folder), read_json(folder / "surface.json"), curve, overlays)
