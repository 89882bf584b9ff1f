"""Rules on frames alone."""

from collections.abc import Iterator, Mapping

from irstd.curation.audit.facts import FrameFacts
from irstd.curation.audit.findings import Finding, counted, error, warning
from irstd.curation.audit.stored import Stored


def check_images(stored: Stored, seen: Mapping[str, FrameFacts]) -> Iterator[Finding]:
    """Find unreadable frames, files that are no frames, and colour frames whose channels differ."""
    faults = {name: facts.image_fault for name, facts in seen.items() if facts.image_fault}
    if faults:
        first = next(iter(faults.values()))
        yield error("unreadable-frame", f"{counted(len(faults), 'frame')} unreadable; {first}", list(faults))
    if stored.strays:
        yield warning(
            "stray-file",
            f"images, masks: {counted(len(stored.strays), 'file')} that do not end in .png and are not read; "
            "convert or remove them",
            stored.strays,
        )
    gaps = {name: facts.image.channel_gap for name, facts in seen.items() if facts.image and facts.image.channels == 3}
    unequal = [name for name, gap in gaps.items() if gap]
    if unequal:
        yield warning(
            "unequal-channels",
            f"images: the channels differ in {len(unequal)} of {counted(len(gaps), 'three-channel frame')}, by up to "
            f"{counted(max(gaps.values()), 'grey level')}; a model that reads grey sees their luma",
            unequal,
        )
