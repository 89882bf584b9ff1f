"""Synthesise the embedded demo set: `demo`."""

from irstd.curation.demo import make_demo
from irstd.project.paths import Layout
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from pipelines.door import run, say, stage

FRAMES = 400


@stage(name="demo")
def demo(settings: Settings) -> None:
    """The demo set in data/raw/demo, the same bytes for the same seed."""
    folder = Layout("demo").raw
    make_demo(folder, FRAMES, settings.compute.seed, replace=True)
    say(f"demo: {FRAMES} frames in {folder}")


if __name__ == "__main__":
    run(lambda: demo(load_settings()))
