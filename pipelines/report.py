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
from irstd.models.folder import bundle_hash
from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.report.contents import TABLE_TITLES
from irstd.report.results import Overlay, Result
from irstd.report.table import cells, report_table
from irstd.report.writing import PAGE, write_report
from irstd.settings.project import Settings
from irstd.tracking.lineage import dataset_ref, open_bundle_run
from irstd.tracking.store import open_store
from pipelines.door.artifacts import show_link, show_table
from pipelines.door.console import say
from pipelines.door.flows import stage


@stage(name="report")
def report(settings: Settings) -> None:
    """Write reports/DATASET: report.html, report.md, table and pictures; also to MLflow, and the table to Prefect."""
    where = Layout(settings.dataset)
    curves = {variant: pd.read_csv(where.curve(variant)) for variant in settings.variants}
    results = [_result(where.scores(name), curves.get(name)) for name in (*settings.variants, *settings.references)]
    write_report(results, where.report, settings.dataset, settings.budget)
    _track(settings, [each.card for each in results])
    table = report_table([each.card for each in results], settings.budget.figure)
    show_table(f"report-{settings.dataset}", *cells(table, "val"), f"{settings.dataset}: {TABLE_TITLES['val']}")
    show_link(f"report-page-{settings.dataset}", where.report / PAGE, f"the report of {settings.dataset}")
    say(f"report: {where.report / 'report.html'}")


def _track(settings: Settings, cards: Sequence[ScoreCard]) -> None:
    """Put the page and the figures of all variants, without the overlays, into the MLflow run of each."""
    where = Layout(settings.dataset)
    store, dataset = open_store(find_root()), dataset_ref(where)
    for card in cards:
        bundle = Path(settings.references.get(card.variant) or where.bundle(card.variant))
        run = open_bundle_run(store, dataset, card.variant, card.detector, bundle_hash(bundle))
        for path in (where.report / PAGE, *sorted(where.report.glob("*.png"))):
            run.file(path, "report")
        run.end()


def _result(folder: Path, curve: pd.DataFrame | None) -> Result:
    return Result(read_card(folder), read_json(folder / "surface.json"), curve, _worst_first(folder))


def _worst_first(folder: Path) -> list[Overlay]:
    """Return the overlays of a variant, those with most misses and false alarms first, by the rows of its frames."""
    rows = pd.read_csv(folder / "frames.csv", dtype={"name": str})
    wrong = {row["name"]: (int(row["fn"]), int(row["fp"])) for row in rows[rows["split"] == "test"].to_dict("records")}
    found = list[tuple[int, Overlay]]()
    for path in sorted((folder / "overlays").glob("*.png")):
        missed, false = wrong[path.stem]
        alarms = f"{false} false alarm{'' if false == 1 else 's'}"
        found.append((missed + false, Overlay(path, f"{missed} missed, {alarms}")))
    return [overlay for _, overlay in sorted(found, key=lambda each: (-each[0], each[1].path.name))]
