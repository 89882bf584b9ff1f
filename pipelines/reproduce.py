"""The main job: `dvc repro` under one Prefect server and one Ray head, then promotion where it is asked for."""

import argparse
import time

from prefect import get_run_logger
from rich.status import Status

from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from pipelines.door import console, dvc, run, say, stage
from pipelines.servers.embedded import prefect_server, ray_head
from pipelines.summary import print_summary, promotion_is_current

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


@stage(name="reproduce")
def reproduce(settings: Settings) -> None:
    """Everything that changed, stage by stage; each line goes to the console and to the flow's log."""
    logger, start = get_run_logger(), time.monotonic()

    with Status("starting", console=console) as status:

        def on_line(line: str) -> None:
            logger.info(line)
            if line.startswith(("Running stage '", "Stage '")):
                name = line.split("'")[1]
                unchanged = "didn't change" in line
                status.update(f"{name}")
                console.rule(
                    f"{name}{' · unchanged' if unchanged else ''} · {time.monotonic() - start:.0f} s", align="left"
                )
            elif not line.startswith(_NOISE) and not line.startswith(("error: ", "ERROR: ")):
                say(line)

        dvc.repro(on_line)


def main() -> None:
    """Reproduce; with --promote register and promote too, and show the table."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.reproduce", description=__doc__)
    parser.add_argument("--promote", action="store_true", help="then register the bundles and let the gate decide")
    options = parser.parse_args()
    run(lambda: _work(promote=options.promote))


def _work(*, promote: bool) -> None:
    settings = load_settings()
    _check_variants(settings)
    changed = not dvc.up_to_date()
    promoting = promote and (changed or not promotion_is_current(settings))
    if changed or promoting:
        say("starting a Prefect server" + (" and a Ray head" if changed else ""))
        with prefect_server():
            if changed:
                with ray_head():
                    reproduce(settings)
            if promoting:
                from pipelines.promote import promote as promote_flow  # noqa: PLC0415 - torch and MLflow take seconds

                promote_flow(settings)
    else:
        say("nothing changed: every stage is up to date")
    if promote:
        print_summary(settings)


def _check_variants(settings: Settings) -> None:
    from irstd.models import find_detector  # noqa: PLC0415 - imports torch, which plain help does not need

    for name in settings.variants:
        find_detector(settings.detector_of(name))


if __name__ == "__main__":
    main()
