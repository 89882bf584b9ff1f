"""Prepare the chosen dataset for fits and scores: `python -m pipelines.prepare`."""

from collections.abc import Mapping
from pathlib import Path

from irstd.curation.audit import FrameFacts, Stored, audit_frames, look_at_frames, write_audit
from irstd.curation.prepare import PreparedWriter
from irstd.datasets.prepared import DEFAULT_LABEL
from irstd.errors import DataError, lookup
from irstd.files import new_folder
from irstd.labels.response import RESPONSES
from irstd.project.paths import Layout
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from pipelines.door import run, say, stage, step


@stage(name="prepare", run_name="prepare {settings.dataset}")
def prepare(settings: Settings) -> None:
    """Write all that fits and scores read, if the audit finds no error; each frame and mask is decoded once."""
    where, labels = Layout(settings.dataset), settings.labels
    label = labels.response or DEFAULT_LABEL
    stored = Stored.of(where.raw)
    with new_folder(where.prepared) as folder:
        writer = PreparedWriter(folder, stored.splits, labels.size, lookup(RESPONSES, label, "response"))
        say(f"prepare {settings.dataset}: {len(stored.frames)} frames, {label} responses at {labels.size} px")
        seen = step("frames, masks and responses")(look_at_frames)(stored, take=writer.add)
        step("audit")(audit)(stored, seen, folder)
        step("points")(writer.write_points)()
        step("splits")(writer.write_splits)()
        step("preview")(writer.write_preview)(settings.dataset)
    say(f"prepare {settings.dataset}: done; look at {where.prepared / 'preview.png'}")


def audit(stored: Stored, seen: Mapping[str, FrameFacts], folder: Path) -> None:
    """Write the audit of the raw dataset to `folder`, and say its warnings.

    Raises:
        DataError: the dataset has errors; nothing was written.
    """
    done = audit_frames(stored, seen)
    if done.errors:
        raise DataError(
            f"{stored.folder}: {done.verdict}, the first: {done.errors[0].message}; "
            f"nothing was prepared, `irstd data check {done.name}` shows all"
        )
    for finding in done.warnings:
        say(f"warning: {finding.message}")
    write_audit(folder, done)


if __name__ == "__main__":
    run(lambda: prepare(load_settings()))
