"""Synthesise the embedded demo set: `demo`."""

from functools import partial

from irstd.settings.load import load_settings
from pipelines.door.command import Work, command


@command
def main() -> Work:
    """Synthesise the demo set in data/raw/demo; DVC's stage `demo`."""
    from pipelines.demo import demo

    return partial(demo, load_settings())


from irstd.curation.demo import make_demo
from irstd.project.paths import Layout
from irstd.settings.project import Settings
from pipelines.door.console import say
from pipelines.door.flows import stage

FRAMES = 400


@stage(name="demo")
def demo(settings: Settings) -> None:
    """Write the demo set to data/raw/demo; the same seed gives the same bytes."""
    folder = Layout("demo").raw
    make_demo(folder, FRAMES, settings.compute.seed, replace=True)
    say(f"demo: {FRAMES} frames in {folder}")
