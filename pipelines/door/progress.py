"""How far a run is, as Prefect's page shows it."""

from typing import cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.runtime import flow_run

_STEP = 5.0  # percent between two updates, each of which is a request


class Progress:
    """The progress of one piece of work in a flow run; outside of one nothing is written."""

    def __init__(self, what: str) -> None:
        self.what, self.percent = what, 0.0
        self.artifact: UUID | None = None

    def reached(self, share: float, text: str = "") -> None:
        """Tell the share, 0 to 1, that is done, and in a few words what there is by now."""
        percent = round(100.0 * min(max(share, 0.0), 1.0), 1)
        if not flow_run.id or (self.artifact and percent - self.percent < _STEP and percent < 100.0):
            return
        self.percent, description = percent, f"{self.what}: {text}" if text else self.what
        if self.artifact is None:
            self.artifact = cast(UUID, create_progress_artifact(percent, description=description))
        else:
            update_progress_artifact(self.artifact, percent, description=description)
