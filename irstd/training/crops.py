"""Batches of crops, which depend on the seed and the step alone."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irstd.datasets.sample import Sample, StoredResponse
from irstd.errors import SettingsError, TrainingError, lookup
from irstd.labels.centres import draw_centres
from irstd.labels.extent import masks_from_points
from irstd.labels.response import RESPONSES
from irstd.models.base import Detector
from irstd.models.view import FrameView
from irstd.training.bad_pixels import bad_pixels
from irstd.training.cached import Cached, sample_bytes
from irstd.training.config import FitConfig
from irstd.training.hard_negatives import find_false_peaks
from irstd.training.jitter import invert, jitter
from irstd.training.paste import Donor, find_donors, paste
from irstd.training.pose import Pose, window_at_centre, window_start


@dataclass(frozen=True)
class Batch:
    """Images and labels of one step.

    Attributes:
        images: float32 (B, C, H, W) in [0, 1].
        labels: float32 (B, planes, h, w); one plane in [0, 1] unless the detector learns centres and pixels.
        names: name of each crop's frame.
        views: the whole frame of each crop, for detectors that read them; else none.
    """

    images: Tensor
    labels: Tensor
    names: tuple[str, ...]
    views: tuple[FrameView, ...] = ()


class Crops:
    """The batches of a fit. Batch k depends on the seed and on k only, so that a resumed fit sees the same ones.

    A crop that is a whole, unchanged frame takes the sample's stored response, if the fit would draw the same one;
    every other response is drawn. That needs `crop` None, a `scale` of (1, 1), no `rotate` and a response of the fit's
    own label, size and stride; with `flip` it is one crop in eight. Of the profiles only
    `fdep` has such settings, and its hosts learn masks; the others cut crops or draw a zoom.
    """

    def __init__(self, detector: Detector, train: Sequence[Sample], config: FitConfig) -> None:
        """Keep the levels of the frames of `train` in memory, as far as they fit.

        Raises:
            SettingsError: the crop does not fit the detector's stride or input.
            TrainingError: no frame, no target in any, a mask is missing, or whole frames of several sizes.
            UnknownNameError: no such label.
        """
        _check_frames(detector, train, config)
        self.config, self.rule, self.stride, self.target = config, detector.input, detector.stride, detector.target
        self.size = _crop_size(detector, train, config.crop)
        self.levels = Cached(lambda index: self.rule.levels(train[index].frame), len(train), lambda own: own.nbytes)
        self.samples = train
        if detector.target != "response" and config.masks == "points":
            self.samples = Cached(lambda index: self._from_points(train[index]), len(train), sample_bytes)
        self.with_targets = [index for index, sample in enumerate(train) if len(sample.points)]
        self.donors = self._donors() if config.paste else []
        self.false_peaks = find_false_peaks(detector.deployed(), train) if config.hard_negatives else []
        self.with_views = detector.reads_frames
        self.label = config.label or detector.label
        self.draw_response = lookup(RESPONSES, self.label, "label")

    def batch(self, step: int) -> Batch:
        """Return the crops of `step`, counted from 0."""
        random = np.random.default_rng((self.config.seed, step))
        # One draw a batch keeps the number of such crops within one of batch · target_share.
        shift = random.random()
        chosen = [self._draw(random, (index + shift) / self.config.batch) for index in range(self.config.batch)]
        crops = [pose.warp(self.levels[frame]) for frame, pose in chosen]
        calm = step >= (1.0 - self.config.calm) * self.config.steps
        pasted = 0.0 if calm else self.config.paste
        labels = [self._label(random, *each, crop, pasted) for each, crop in zip(chosen, crops, strict=True)]
        images = torch.stack([self.rule.tensor(crop) for crop in crops])
        if not calm:
            images = invert(jitter(images, random, self.config.jitter), random, self.config.invert)
        images = bad_pixels(images, random, self.config.bad_pixels)
        return Batch(
            images=images,
            labels=torch.from_numpy(np.stack(labels)),
            names=tuple(self.samples[frame].name for frame, _ in chosen),
            views=tuple(self._view(*each) for each in chosen) if self.with_views else (),
        )

    def _view(self, frame: int, pose: Pose) -> FrameView:
        """Return the whole frame of a crop, without what is pasted into the crop and without jitter."""
        back = cv2.invertAffineTransform(pose.matrix()).astype(np.float32)
        return FrameView(self.rule.tensor(self.levels[frame]), torch.from_numpy(back))

    def digest(self) -> str:
        """Return a hash of all frames and labels."""
        total = hashlib.sha256(repr(self.rule).encode())
        for sample, levels in zip(self.samples, self.levels, strict=True):
            total.update(f"{sample.name} {levels.shape} {len(sample.points)}".encode())
            total.update(levels.tobytes() + np.asarray(sample.points, dtype=np.float64).tobytes())
            total.update(b"" if sample.mask is None else sample.mask.tobytes())
        return total.hexdigest()[:16]

    def _draw(self, random: np.random.Generator, place: float) -> tuple[int, Pose]:
        """Draw a frame and a pose.

        The crop is placed on a target if `place` in [0, 1) is below the share of these, on a false peak if it is within
        the share of those from 1 down.
        """
        on_target = place < self.config.target_share
        on_peak = bool(self.false_peaks) and place >= 1.0 - self.config.hard_negatives
        peak = self.false_peaks[int(random.integers(len(self.false_peaks)))] if on_peak else None
        pool: Sequence[int] = self.with_targets if on_target else range(len(self.samples))
        frame = peak.frame if peak else pool[int(random.integers(len(pool)))]
        placement = self.rule.place(*self.levels[frame].shape[:2])
        zoom = float(random.uniform(*self.config.scale))
        if self.config.unscaled and random.random() < self.config.unscaled:
            zoom = 1.0
        near = None
        if on_target:
            points = self.samples[frame].points
            near = placement.to_input(points[random.integers(len(points))]) * zoom
        elif peak:
            near = placement.to_input(peak.point) * zoom
        canvas = (zoom * (placement.size[1] - 1), zoom * (placement.size[0] - 1))
        if self.config.zoom == "centre":
            near, start = None, window_at_centre(canvas, self.size)
        else:
            start = window_start(random, canvas, self.size, near)
        flips = random.integers(2, size=3) * int(self.config.flip)
        square = self.size[0] == self.size[1]
        turn, pivot = 0.0, (0.0, 0.0)
        if self.config.rotate:
            turn = float(random.uniform(-self.config.rotate, self.config.rotate))
            middle = (self.size[1] / 2.0 - 0.5, self.size[0] / 2.0 - 0.5)
            pivot = middle if near is None else (near[0] - start[0], near[1] - start[1])
        return frame, Pose(
            placement=placement,
            zoom=zoom,
            start=start,
            size=self.size,
            mirror=(bool(flips[0]), bool(flips[1])),
            transpose=bool(flips[2]) and square,
            turn=turn,
            pivot=pivot,
        )

    def _label(
        self, random: np.random.Generator, frame: int, pose: Pose, crop: NDArray[np.uint8], pasted: float
    ) -> NDArray[np.float32]:
        """Return float32 (planes, H / stride, W / stride), the label of one crop; `pasted`: the chance of targets."""
        sample = self.samples[frame]
        more, pixels = np.zeros((0, 2)), np.zeros(crop.shape[:2], dtype=np.bool_)
        if random.random() < pasted:
            more, pixels = paste(random, self.donors, crop, pose, sample)
        points = pose.inside(pose.move(sample.points))
        if self.target != "response":
            mask = np.zeros(sample.frame.shape[:2], dtype=np.bool_) if sample.mask is None else sample.mask
            shown = (pose.warp_mask(mask) | pixels).astype(np.float32)
            return shown[None] if self.target == "mask" else self._both(shown, np.vstack([points, more]))
        as_prepared = sample.frame.dtype == np.uint8 or self.rule.deep == "local"
        whole = pose.identity and not len(more) and len(points) == len(sample.points)
        if whole and as_prepared and self._fits(sample.response):
            return sample.response.values[None]
        return self.draw_response(crop, np.vstack([points, more]), self.stride)[None]

    def _both(self, mask: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return float32 (stride² + 4, h, w): the pixels of each cell, then `draw_centres`."""
        rows, columns = (length // self.stride for length in mask.shape)
        pixels = mask.reshape(rows, self.stride, columns, self.stride).transpose(1, 3, 0, 2)
        cells = (points - (self.stride - 1) / 2) / self.stride
        return np.concatenate([pixels.reshape(-1, rows, columns), draw_centres(cells, (rows, columns))])

    def _donors(self) -> list[Donor]:
        """The targets to paste, cut out by the masks only if this detector learns masks."""
        learned = self.target != "response"
        seen = self.samples if learned else (replace(sample, mask=None) for sample in self.samples)
        return find_donors(seen, self.levels, self.rule)

    def _from_points(self, sample: Sample) -> Sample:
        """Return the sample with the pseudo-mask of its points as its mask."""
        return replace(sample, mask=masks_from_points(self.rule.eight_bit(sample.frame), sample.points))

    def _fits(self, stored: StoredResponse | None) -> TypeGuard[StoredResponse]:
        """Tell whether a stored response is the one that this fit would draw of the whole frame."""
        if stored is None or self.rule.color != "grey":
            return False
        return (stored.label, stored.size, stored.stride) == (self.label, self.rule.size, self.stride)


def takes_whole_frames(config: FitConfig) -> bool:
    """Tell whether a fit may take prepared responses: some of its crops are whole, unchanged frames."""
    return config.crop is None and config.scale == (1.0, 1.0) and not config.rotate


def _check_frames(detector: Detector, train: Sequence[Sample], config: FitConfig) -> None:
    if not any(len(sample.points) for sample in train):
        raise TrainingError(f"training needs targets: none of the {len(train)} training frames holds one")
    masked = detector.target != "response" and config.masks == "given"
    for sample in train:
        if masked and sample.mask is None and len(sample.points):
            raise TrainingError(
                f"{sample.name}: has points but no mask, and this detector learns masks; "
                "add the mask, or set train.masks: points"
            )


def _crop_size(detector: Detector, train: Sequence[Sample], crop: int | None) -> tuple[int, int]:
    """Return (height, width) of every crop."""
    rule = detector.input
    if crop is None:
        sizes = {rule.place(*sample.frame.shape[:2]).size for sample in train}
        if len(sizes) > 1:
            raise TrainingError(
                f"whole frames of {len(sizes)} sizes cannot share a batch; give train.crop a side in px"
            )
        return next(iter(sizes))
    if rule.size is not None and crop > rule.size:
        raise SettingsError(f"train.crop: {crop} px is more than the network's input of {rule.size} px")
    multiple = int(np.lcm(detector.stride, rule.multiple))
    if crop % multiple:
        raise SettingsError(f"train.crop: must be a multiple of {multiple} px for this detector, not {crop}")
    return crop, crop
