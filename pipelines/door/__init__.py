"""The one door to Prefect and DVC: flows, tasks, exit codes, DVC's command line."""

from pipelines.door.flows import (
    STORE,
    console,
    hide_tracebacks,
    run,
    say,
    say_progress,
    settings_and_variant,
    shown,
    stage,
    step,
)

__all__ = [
    "STORE",
    "console",
    "hide_tracebacks",
    "run",
    "say",
    "say_progress",
    "settings_and_variant",
    "shown",
    "stage",
    "step",
]
