"""The section `train`: how a detector is fitted."""

from dataclasses import dataclass
from typing import Annotated, Literal

from irstd.settings.bounds import Bounds, Count, NotNegative, Positive, Section, Share


@dataclass(frozen=True)
class Train(Section):
    """Settings of a fit that a profile, params.yaml or a variant can give.

    Attributes:
        steps: optimizer steps.
        batch: crops a step.
        crop: side of a crop in px of the network's input; None: whole frames.
        target_share: share of crops that are placed on a target; the others fall anywhere on any frame.
        paste: share of crops into which one or two targets of other frames are pasted.
        jitter: strength of random gain, offset and noise; 0: none.
        invert: share of crops whose grey levels are turned round, as by a sensor that shows warm things dark.
        bad_pixels: share of crops in which some single pixels are hot or dead, in the calm steps too.
        hard_negatives: share of crops placed on what the first weights take for a target and is none; needs `start`.
        calm: last share of the steps, in which nothing is pasted, jittered or inverted.
        flip: crops are mirrored on both axes at random, square ones transposed too.
        scale: [least, most] zoom of a crop, drawn uniformly; [1, 1]: none.
        unscaled: share of crops that are not zoomed, so that their pixels and outlines are a frame's own.
        zoom: where a zoomed crop lies, `anywhere` on the frame or about its `centre`; the latter, as the authors of
            SPIRE and SSHD-Net have it, needs whole frames.
        rotate: largest angle in degrees by which a crop is turned either way, about the target it is placed on or else
            its middle; pixels outside the frame are 0.
        masks: what detectors learn whose target is `mask`: the masks `given`, or pseudo-masks from the `points`.
        loss: name of a loss (`irstd.losses.LOSSES`); None: the detector's own.
        positive_weight: weight of a cell of label 1 beyond the background's 1.
        learning_rate: peak of the learning rate.
        weight_decay: weight decay of AdamW.
        warmup_steps: linear rise of the learning rate; a cosine down to 0 takes the rest.
        gradient_clip: greatest L2 norm of the gradient; None: unclipped.
        ema_decay: decay of the averaged weights; 0: the weights as they are.
        operating: the rules by which a bundle decides, the best threshold on `validation` or the `paper`'s own.
        validate_every: steps between two validations, which are also the checkpoints.
        precision: `auto` takes bf16 where the CPU or GPU has it in hardware, fp16 on other GPUs, else fp32.
        compile: use torch.compile, where a compiler is found.
        start: bundle whose weights the fit starts from, `pretrained` or a folder; None: new weights.
        instructions: `native`, or `avx2` for the same bytes on every x86-64 with AVX2; needs fp32 and no compile.
    """

    steps: Count = 1000
    batch: Annotated[int, Bounds(least=1, most=65536)] = 16
    crop: Annotated[int, Bounds(least=32, most=4096, multiple_of=4)] | None = 128
    target_share: Share = 0.8
    paste: Share = 0.0
    jitter: NotNegative = 0.0
    invert: Share = 0.0
    bad_pixels: Share = 0.0
    hard_negatives: Share = 0.0
    calm: Share = 0.0
    flip: bool = True
    scale: tuple[Positive, Positive] = (1.0, 1.15)
    unscaled: Share = 0.0
    zoom: Literal["anywhere", "centre"] = "anywhere"
    rotate: Annotated[float, Bounds(least=0, most=180)] = 0.0
    masks: Literal["given", "points"] = "given"
    loss: str | None = None
    positive_weight: NotNegative = 0.0
    learning_rate: Positive = 5e-3
    weight_decay: NotNegative = 1e-4
    warmup_steps: Annotated[int, Bounds(least=0)] = 50
    gradient_clip: Positive | None = 1.0
    ema_decay: Annotated[float, Bounds(least=0, below=1)] = 0.99
    operating: Literal["validation", "paper"] = "validation"
    validate_every: Count = 250
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    compile: bool = False
    start: str | None = None
    instructions: Literal["native", "avx2"] = "native"

    def _relations(self) -> dict[str, bool | str]:
        plain = self.precision == "fp32" and not self.compile
        return {
            "scale": self.scale[0] <= self.scale[1] or f"must be [least, most], not {list(self.scale)}",
            "zoom": self.zoom == "anywhere" or self.crop is None or "centre needs whole frames; set crop to null",
            "hard_negatives": not self.hard_negatives or self._has_hard_negatives(),
            "instructions": self.instructions == "native" or plain or "avx2 needs precision fp32 and compile false",
        }

    def _has_hard_negatives(self) -> bool | str:
        if self.start is None:
            return "are what the first weights take for targets; name these in start"
        return self.hard_negatives + self.target_share <= 1.0 or "must be at most 1 together with target_share"
