"""The settings of one fit."""

from dataclasses import dataclass
from typing import Literal

from irstd.errors import SettingsError

_CHOICES = {
    "precision": ("auto", "fp32", "bf16", "fp16"),
    "device": ("cpu", "cuda"),
    "masks": ("given", "points"),
}


@dataclass(frozen=True)
class FitConfig:
    """Everything that decides a fit, but for the frames and the detector's first weights.

    Attributes:
        seed: of frames, windows, poses and of anything random in the network.
        steps: optimizer steps.
        batch: crops a step.
        crop: side of a crop in px of the network's input; None: whole frames.
        target_share: share of crops that are placed on a target, in [0, 1]; the others fall anywhere on any frame.
        paste: share of crops into which one or two targets of other frames are pasted, in [0, 1].
        jitter: strength of random gain, offset and noise, from 0: none.
        flip: crops are mirrored on both axes at random, square ones transposed too.
        scale: (least, most) zoom of a crop, drawn uniformly; (1, 1): none.
        rotate: the most degrees that a crop is turned either way, about the target it is placed on or else its middle,
            from 0: none to 180; zeros where it then looks past the frame.
        label: name in `irstd.labels.response.RESPONSES`, for detectors whose target is `response`; None: their own.
        masks: what detectors learn whose target is `mask`: the masks `given`, or pseudo-masks from the `points`.
        loss: name in `irstd.losses.LOSSES`; None: the detector's own.
        positive_weight: what a cell of label 1 weighs beyond the background's 1.
        learning_rate: at its peak.
        weight_decay: AdamW's.
        warmup_steps: linear rise of the learning rate; a cosine down to 0 takes the rest.
        gradient_clip: greatest L2 norm of the gradient; None: unclipped.
        ema_decay: of the averaged weights, in [0, 1); 0: the weights as they are.
        validate_every: steps between two validations, which are also the checkpoints.
        row_every: steps between two rows of the curve.
        precision: `auto` takes bf16 where the CPU or GPU has it in hardware, fp16 on other GPUs, else fp32.
        threads: of torch on the CPU; bytes depend on it.
        device: `cpu` or `cuda`.
        compile: by torch.compile, where a compiler is found.
    """

    seed: int = 0
    steps: int = 1000
    batch: int = 16
    crop: int | None = 128
    target_share: float = 0.8
    paste: float = 0.0
    jitter: float = 0.0
    flip: bool = True
    scale: tuple[float, float] = (1.0, 1.15)
    rotate: float = 0.0
    label: str | None = None
    masks: Literal["given", "points"] = "given"
    loss: str | None = None
    positive_weight: float = 0.0
    learning_rate: float = 5e-3
    weight_decay: float = 1e-4
    warmup_steps: int = 50
    gradient_clip: float | None = 1.0
    ema_decay: float = 0.99
    validate_every: int = 250
    row_every: int = 25
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    threads: int = 1
    device: Literal["cpu", "cuda"] = "cpu"
    compile: bool = False

    def __post_init__(self) -> None:
        """Refuse values that no fit can run with.

        Raises:
            SettingsError: the first such field, what it needs and what came.
        """
        for name in ("steps", "batch", "validate_every", "row_every", "threads"):
            self._require(name, getattr(self, name) >= 1, "at least 1")
        for name in ("seed", "jitter", "positive_weight", "weight_decay"):
            self._require(name, getattr(self, name) >= 0, "0 or more")
        self._require("crop", self.crop is None or self.crop >= 1, "at least 1 px, or none for whole frames")
        self._require("target_share", 0.0 <= self.target_share <= 1.0, "between 0 and 1")
        self._require("paste", 0.0 <= self.paste <= 1.0, "between 0 and 1")
        self._require("scale", 0.0 < self.scale[0] <= self.scale[1], "(least, most), both above 0")
        self._require("rotate", 0.0 <= self.rotate <= 180.0, "between 0 and 180 degrees")
        self._require("learning_rate", self.learning_rate > 0.0, "above 0")
        self._require("warmup_steps", 0 <= self.warmup_steps < self.steps, f"0 or more and below steps ({self.steps})")
        self._require("gradient_clip", self.gradient_clip is None or self.gradient_clip > 0.0, "above 0, or none")
        self._require("ema_decay", 0.0 <= self.ema_decay < 1.0, "0 or more and below 1")
        for name, known in _CHOICES.items():
            self._require(name, getattr(self, name) in known, f"one of {', '.join(known)}")
        if self.precision == "fp16" and self.device == "cpu":
            raise SettingsError("train.precision: fp16 needs a GPU; choose auto, bf16 or fp32, or device cuda")

    def _require(self, name: str, holds: bool, need: str) -> None:
        if not holds:
            raise SettingsError(f"train.{name}: must be {need}, not {getattr(self, name)}")
