"""The main job: `dvc repro` under one Prefect server and one Ray head, then promotion if asked for."""

from pathlib import Path
from typing import Annotated

import typer

from irstd.errors import DataError
from irstd.project.paths import Layout
from irstd.settings.project import Settings
from pipelines.code import write_digests
from pipelines.door import dvc
from pipelines.door.command import Work, command, settings_for_promotion
from pipelines.door.console import console, log, say
from pipelines.summary import print_summary


def check_dataset_exists(dataset: str) -> None:
    """Raise unless the dataset is there, DVC knows where to get it, or a stage makes it.

    Raises:
        DataError: none of these; names the datasets that are there.
    """
    raw = Layout(dataset).raw
    if dataset == "demo" or raw.is_dir() or Path(f"{raw}.dvc").is_file():
        return
    there = {path.name.removesuffix(".dvc") for path in raw.parent.glob("*") if path.is_dir() or path.suffix == ".dvc"}
    raise DataError(
        f"{raw}: no such folder, and no {raw}.dvc; `dataset` in params.yaml can be "
        f"{', '.join(sorted(there | {'demo'}))}; `python -m pipelines.ingest SOURCE --name {dataset}` makes it"
    )


def _check_variants(settings: Settings) -> None:
    from irstd.training.variant import fit_job  # torch takes a second

    for name in settings.variants:
        fit_job(settings, name, settings.compute.fit)


@command
def main(
    promote: Annotated[
        bool, typer.Option("--promote", help="Then register the bundles, let the gate decide, and show the table.")
    ] = False,
) -> Work | None:
    """Run what changed, stage by stage, with a Prefect server and a Ray head of its own."""
    settings = settings_for_promotion()
    check_dataset_exists(settings.dataset)
    from irstd.promotion.recorded import current_verdicts

    write_digests(settings)
    changed = not dvc.up_to_date()
    verdicts = current_verdicts(settings) if promote and not changed else None
    promoting = promote and verdicts is None
    if changed or promoting:
        _check_variants(settings)
        from pipelines.reproduce import run_job

        return lambda: run_job(settings, changed=changed, promoting=promoting)
    say("nothing changed: every stage is up to date")
    if verdicts is not None:
        print_summary(settings, verdicts)
    return None


import time

from rich.status import Status

from pipelines.door.flows import stage
from pipelines.door.parent import parent_environment
from pipelines.door.progress import Progress
from pipelines.servers.embedded import prefect_server, ray_head

_NOISE = (
    "Updating lock file",
    "Generating lock file",
    "To track the changes",
    "\tgit add",
    "To enable auto",
    "\tdvc config",
    "Use `dvc push`",
    "> exec pipelines/stage",
    "Verifying data sources",
    "WARNING: ",
)


def run_job(settings: Settings, *, changed: bool, promoting: bool) -> None:
    """Reproduce if something changed; if asked for, promote and show the table."""
    say("starting a Prefect server" + (" and a Ray head" if changed else ""))
    with prefect_server():
        if changed:
            with ray_head():
                reproduce(settings)
        if promoting:
            from pipelines.promote import promote  # torch and MLflow take seconds

            verdicts = promote(settings).verdicts
    if promoting:
        print_summary(settings, verdicts)


@stage(name="reproduce")
def reproduce(settings: Settings) -> None:
    """Run what changed, stage by stage, each a subflow; each line goes to the console and to the flow's log."""
    start, begun, stages, progress = time.monotonic(), 0, _count(settings), Progress("stages")

    with Status("starting", console=console) as status:

        def on_line(line: str) -> None:
            nonlocal begun
            if line.startswith(("Running stage '", "Stage '")):
                name = line.split("'")[1]
                unchanged = "didn't change" in line
                status.update(f"{name}")
                heading = f"{name}{' · unchanged' if unchanged else ''} · {time.monotonic() - start:.0f} s"
                console.rule(heading, align="left")
                log(heading)
                progress.reached(begun / stages, name)
                begun += 1
            elif not line.startswith(_NOISE) and not line.startswith(("error: ", "ERROR: ")):
                say(line)

        dvc.repro(on_line, parent_environment())
    progress.reached(1.0, "all done")


def _count(settings: Settings) -> int:
    """Return the number of stages of dvc.yaml: code, prepare and report, three a variant, one a reference."""
    return 3 + 3 * len(settings.variants) + len(settings.references) + (settings.dataset == "demo")
