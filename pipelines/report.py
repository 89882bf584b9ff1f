"""The table and the plots of all variants, the same bytes for the same scores: `report`."""

from functools import partial

from irstd.settings import load_settings
from pipelines.door.command import Work, command


@command
def main() -> Work:
    """Write the table and the plots of all variants; DVC's stage `report`."""
    settings = load_settings()
    from pipelines.report import report

    return partial(report, settings)


import pandas as pd

from irstd.files.json_files import read_json
from irstd.project.paths import Layout
from irstd.report import write_report
from irstd.settings import Settings
from pipelines.door.console import say
from pipelines.door.flows import stage


@stage(name="report")
def report(settings: Settings) -> None:
    """reports/DATASET: report.html, report.md, table and pictures."""
    where, variants = Layout(settings.dataset), [*settings.variants, *settings.references]
    write_report(
        scores={variant: read_json(where.scores(variant) / "score.json") for variant in variants},
        surfaces={variant: read_json(where.scores(variant) / "surface.json") for variant in variants},
        curves={variant: pd.read_csv(where.curve(variant)) for variant in settings.variants},
        overlays={variant: sorted((where.scores(variant) / "overlays").glob("*.png")) for variant in variants},
        folder=where.report,
        title=settings.dataset,
    )
    say(f"report: {where.report / 'report.html'}")
