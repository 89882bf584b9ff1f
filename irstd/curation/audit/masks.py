"""Rules on masks and their frames."""

from collections.abc import Iterator, Mapping

from irstd.curation.audit.facts import FrameFacts, MaskFacts
from irstd.curation.audit.findings import Finding, counted, error, warning
from irstd.curation.audit.stored import Stored


def check_masks(stored: Stored, seen: Mapping[str, FrameFacts]) -> Iterator[Finding]:
    """Find masks that are missing, unreadable, of another size, soft or empty, and targets that touch."""
    yield from _pairing(stored)
    faults = {name: facts.mask_fault for name, facts in seen.items() if facts.mask_fault}
    if faults:
        first = next(iter(faults.values()))
        yield error("unreadable-mask", f"{counted(len(faults), 'mask')} unreadable; {first}", list(faults))
    yield from _sizes(seen)
    masks = {name: facts.mask for name, facts in seen.items() if facts.mask}
    yield from _levels(masks, stored.soft_masks)
    touching = [name for name, mask in masks.items() if mask.touching or _shares_component(mask)]
    if touching:
        yield warning(
            "touching-targets",
            f"masks: {counted(len(touching), 'frame')} with targets at most 1 px apart or several points on one; "
            "detectors tend to merge them, see that the labels are meant so",
            touching,
        )


def _pairing(stored: Stored) -> Iterator[Finding]:
    if not stored.masks and not stored.has_points:
        yield error("no-labels", "neither masks nor points.csv; a dataset needs one of them as its labels")
    without_mask = sorted(set(stored.frames) - set(stored.masks)) if stored.masks else []
    if without_mask:
        yield error(
            "frame-without-mask",
            f"masks: none for {counted(len(without_mask), 'frame')}; a frame without target has an all-black mask",
            without_mask,
        )
    without_frame = sorted(set(stored.masks) - set(stored.frames))
    if without_frame:
        yield error(
            "mask-without-frame",
            f"masks: {counted(len(without_frame), 'mask')} whose frame is not in images; add it or remove the mask",
            without_frame,
        )


def _sizes(seen: Mapping[str, FrameFacts]) -> Iterator[Finding]:
    both = {name: (facts.mask.size, facts.image.size) for name, facts in seen.items() if facts.mask and facts.image}
    unfit = [name for name, (mask, frame) in both.items() if mask != frame]
    if unfit:
        mask, frame = both[unfit[0]]
        yield error(
            "mask-size",
            f"masks: {counted(len(unfit), 'mask')} of another size than the frame, such as {mask[1]}×{mask[0]} px for "
            f"the {frame[1]}×{frame[0]} px of {unfit[0]}; a mask has its frame's size",
            unfit,
        )


def _levels(masks: Mapping[str, MaskFacts], soft_before: frozenset[str]) -> Iterator[Finding]:
    soft = [name for name, mask in masks.items() if mask.soft or name in soft_before]
    if soft:
        yield warning(
            "soft-mask",
            f"masks: {counted(len(soft), 'mask')} with levels between 0 and the largest; every pixel that is not 0 "
            "counts as target, threshold them first if that is too much",
            soft,
        )
    empty = [name for name, mask in masks.items() if not len(mask.areas)]
    if empty:
        yield warning(
            "empty-mask",
            f"masks: {counted(len(empty), 'mask')} without a target pixel; see that there is nothing to find",
            empty,
        )


def _shares_component(mask: MaskFacts) -> bool:
    owners = mask.owners[mask.owners >= 0]
    return len(set(owners.tolist())) < len(owners)
