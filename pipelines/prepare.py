"""Prepare the chosen dataset: audit, frames, masks, points, responses, splits, a picture to look at: `prepare`."""

from functools import partial

from irstd.settings import load_settings
from pipelines.door.command import Work, command


@command
def main() -> Work:
    """Audit and prepare the dataset of params.yaml; DVC's stage `prepare`."""
    settings = load_settings()
    from pipelines.prepare import prepare

    return partial(prepare, settings)


from pathlib import Path

from irstd.curation.audit import check_dataset, counted, write_audit
from irstd.curation.prepare import prepare_frames, prepare_points, prepare_responses, prepare_splits
from irstd.curation.preview import prepare_preview
from irstd.datasets.canonical import CanonicalDataset
from irstd.errors import DataError, lookup
from irstd.files import new_folder
from irstd.labels.response import RESPONSES
from irstd.project.paths import Layout
from irstd.settings import Settings
from pipelines.door.console import say
from pipelines.door.flows import stage, step


@stage(name="prepare", run_name="prepare {settings.dataset}")
def prepare(settings: Settings) -> None:
    """Masks to points, points to responses, and everything else that training reads, if the audit finds no error."""
    where, labels = Layout(settings.dataset), settings.labels
    with new_folder(where.prepared) as folder:
        step("audit")(audit)(where.raw, folder)
        raw = CanonicalDataset.open(where.raw)
        response = labels.response or "prps"
        say(f"prepare {settings.dataset}: {len(raw.names)} frames, {response} responses at {labels.size} px")
        step("frames and masks")(prepare_frames)(raw, folder)
        step("masks to points")(prepare_points)(raw, folder)
        make_response = lookup(RESPONSES, response, "response")
        step("points to responses")(prepare_responses)(raw, folder, labels.size, make_response)
        step("splits")(prepare_splits)(raw, folder)
        step("preview")(prepare_preview)(folder, settings.dataset)
    say(f"prepare {settings.dataset}: done; look at {where.prepared / 'preview.png'}")


def audit(raw: Path, folder: Path) -> None:
    """Write what is known of the dataset `raw` to `folder`, and say what is to be known.

    Raises:
        DataError: there is no such dataset, or it has errors; `folder` is as it was.
    """
    done = check_dataset(raw)
    if done.errors:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in done.errors))
        raise DataError(
            f"{raw}: {counted(len(done.errors), 'error')} ({rules}), the first: {done.errors[0].message}; "
            f"nothing was prepared, `irstd data check {raw.name}` shows all"
        )
    for finding in done.warnings:
        say(f"warning: {finding.message}")
    write_audit(folder, done)
