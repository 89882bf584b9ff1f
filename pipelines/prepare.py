"""Prepare the chosen dataset: frames, masks, points, responses, splits, statistics, a picture to look at: `prepare`."""

from irstd.data.canonical import CanonicalDataset
from irstd.data.prepared import prepare_frames, prepare_points, prepare_responses, prepare_splits
from irstd.data.preview import prepare_preview
from irstd.data.statistics import prepare_statistics
from irstd.errors import lookup
from irstd.labels.response import RESPONSES
from irstd.settings import Settings, load_settings
from pipelines.door import run, say, stage, step
from pipelines.layout import Layout


@stage(name="prepare", run_name="prepare {settings.dataset}")
def prepare(settings: Settings) -> None:
    """Masks to points, points to responses, and everything else that training reads."""
    where, labels = Layout(settings.dataset), settings.labels_for()
    raw = CanonicalDataset.open(where.raw)
    say(f"prepare {settings.dataset}: {len(raw.names)} frames, {labels.response} responses at {labels.size} px")
    folder = where.prepared
    step("frames and masks")(prepare_frames)(raw, folder)
    step("masks to points")(prepare_points)(raw, folder)
    make_response = lookup(RESPONSES, labels.response, "response")
    step("points to responses")(prepare_responses)(raw, folder, labels.size, make_response)
    step("splits")(prepare_splits)(raw, folder)
    step("statistics")(prepare_statistics)(folder)
    step("preview")(prepare_preview)(folder)
    say(f"prepare {settings.dataset}: done; look at {folder / 'preview.png'}")


if __name__ == "__main__":
    run(lambda: prepare(load_settings()))
