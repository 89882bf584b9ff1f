"""Prepare the chosen dataset for fits and scores: `python -m pipelines.prepare`."""

from functools import partial

from irstd.settings.load import load_settings
from pipelines.door.command import Work, command


@command
def main() -> Work:
    """Audit and prepare the dataset of params.yaml; DVC's stage `prepare`."""
    settings = load_settings()
    from pipelines.prepare import prepare

    return partial(prepare, settings)


from collections.abc import Mapping
from pathlib import Path

from irstd.curation.audit.audit import audit_frames
from irstd.curation.audit.facts import FrameFacts
from irstd.curation.audit.look import look_at_frames
from irstd.curation.audit.record import write_audit
from irstd.curation.audit.stored import Stored
from irstd.curation.prepare import PreparedWriter
from irstd.datasets.canonical import read_parts
from irstd.datasets.prepared import DEFAULT_LABEL
from irstd.errors import DataError, lookup
from irstd.files import new_folder
from irstd.labels.response import RESPONSES
from irstd.project.paths import Layout
from irstd.settings.project import Settings
from pipelines.door.console import say
from pipelines.door.flows import stage, step


@stage(name="prepare", run_name="prepare {settings.dataset}")
def prepare(settings: Settings) -> None:
    """Write all that fits and scores read, if the audit finds no error; each frame and mask is decoded once."""
    where, labels = Layout(settings.dataset), settings.labels
    label = labels.response or DEFAULT_LABEL
    stored = Stored.of(where.raw)
    with new_folder(where.prepared) as folder, new_folder(where.audit) as audited:
        writer = PreparedWriter(folder, stored.splits, labels.size, lookup(RESPONSES, label, "response"))
        say(f"prepare {settings.dataset}: {len(stored.frames)} frames, {label} responses at {labels.size} px")
        seen = step("frames, masks and responses")(look_at_frames)(stored, keeper=writer.keeper(stored))
        step("audit")(audit)(stored, seen, audited)
        step("last shard")(writer.finish)()
        writer.write_parts(settings.dataset, read_parts(where.raw))
        step("preview")(writer.write_preview)(audited, settings.dataset)
    say(f"prepare {settings.dataset}: done; look at {where.audit / 'preview.png'}")


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
