"""The table and the plots of all variants, the same bytes for the same scores: `report`."""

import pandas as pd

from irstd.files.json_files import read_json
from irstd.project.paths import Layout
from irstd.report import write_report
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from pipelines.door import run, say, stage


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


if __name__ == "__main__":
    run(lambda: report(load_settings()))
